/** What a process can be told to do. */
export type CommandsOf<C> = { readonly [N in keyof C]: (input: never) => Promise<unknown> };

/** The first order has no command: its input is what the process is set up with. */
export interface Order {
  readonly id: number;
  readonly command: string | null;
  readonly input: unknown;
}

export interface Report {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: string;
}

/** Makes this process do what its parent says. It ends with its parent, and at nobody else's word. */
export function obey<Setup, C extends CommandsOf<C>>(open: (setup: Setup) => Promise<C>): void {
  let commands: C | undefined;

  async function carryOut({ command, input }: Order): Promise<unknown> {
    if (command === null) {
      commands = await open(input as Setup);
      return undefined;
    }
    if (!commands || !(command in commands)) throw new Error(`It cannot ${command}`);
    return commands[command as keyof C](input as never);
  }

  process.on("message", (order: Order) => {
    const { id } = order;
    carryOut(order).then(
      (answer) => process.send?.({ id, answer } satisfies Report),
      (error: unknown) => process.send?.({ id, failure: String(error) } satisfies Report),
    );
  });
  process.once("disconnect", () => process.exit());
  // Ctrl-C reaches the whole group; the parent ends this process when it has cleaned up.
  process.on("SIGINT", () => {});
}
