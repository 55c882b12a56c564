import type { VirtualClock } from "./clock.ts";
import { type FaultName, type Faults, faultNames, type PushFaultName, pushFaultNames } from "./faults.ts";
import { json, type Twin, type TwinReply, type TwinRequest } from "./twin.ts";

/** One request that a twin got, for whoever wants to see what the service did. */
export interface SeenRequest {
  readonly twin: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Names are in lower case; without those that carry secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: Date;
  readonly status: number | null;
}

export type FaultyTwin = Twin & { readonly faults: Faults };

/** What people and other programs may ask of the twins, below `/_control`. */
export class Control {
  constructor(
    private readonly twins: ReadonlyMap<string, FaultyTwin>,
    private readonly clock: VirtualClock,
    private readonly requests: SeenRequest[],
  ) {}

  async handle({ method, path, body }: TwinRequest): Promise<TwinReply> {
    const words = body === "" ? {} : (JSON.parse(body) as Record<string, unknown>);
    const [, subject = "", command = ""] = path.split("/");
    switch (`${method} ${subject}`) {
      case "GET state":
        return json(200, { now: this.clock.now(), twins: [...this.twins.values()].map(shown) });
      case "GET requests":
        return json(200, { requests: this.requests });
      case "DELETE requests":
        this.requests.splice(0);
        return json(204, undefined);
      case "POST clock":
        return this.moveClock(words);
      case "POST faults":
        return this.arm(words);
      case "DELETE faults":
        for (const twin of this.twins.values()) twin.faults.disarmAll();
        return json(204, undefined);
    }
    const twin = this.twins.get(subject);
    if (method !== "POST" || !twin) return this.unknown(path);
    const work = twin.commands[command];
    if (!work) return json(404, { error: `${subject} knows: ${Object.keys(twin.commands).join(", ")}` });
    return json(200, { result: (await work(words)) ?? null });
  }

  private moveClock({ advanceMs, at }: Record<string, unknown>): TwinReply {
    if (typeof advanceMs === "number") this.clock.advance(advanceMs);
    else if (typeof at === "string" && !Number.isNaN(Date.parse(at))) this.clock.set(new Date(at));
    else return json(400, { error: "Give advanceMs, a number, or at, a time" });
    return json(200, { now: this.clock.now() });
  }

  private arm({ twin: name, fault, ...options }: Record<string, unknown>): TwinReply {
    const twin = this.twins.get(String(name));
    if (!twin) return json(400, { error: `twin is one of: ${[...this.twins.keys()].join(", ")}` });
    if (faultNames.includes(fault as FaultName)) twin.faults.arm(fault as FaultName, options);
    else if (pushFaultNames.includes(fault as PushFaultName)) twin.faults.armPush(fault as PushFaultName, options);
    else return json(400, { error: `fault is one of: ${[...faultNames, ...pushFaultNames].join(", ")}` });
    return json(204, undefined);
  }

  private unknown(path: string): TwinReply {
    return json(404, { error: `There is no ${path}; GET / lists what there is` });
  }
}

function shown({ name, title, accounts, commands }: Twin) {
  return { name, title, accounts: accounts(), commands: Object.keys(commands) };
}
