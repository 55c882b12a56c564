import { isIntegrationError } from "../../src/errors.ts";
import { obey } from "../drill/obey.ts";
import { openService, type ServiceSetup } from "../drill/service.ts";
import type { AccountKey } from "../drill/stored-accounts.ts";
import { type DeathMoment, Fate, MortalDatabase } from "./fate.ts";

/** What callers got, and how many of them. */
export interface Answers {
  readonly tokens: ReadonlyMap<string, number>;
  /** By code. */
  readonly refusals: ReadonlyMap<string, number>;
}

export interface WorkerCommands {
  /** So many callers at once, each with an account opened for itself. */
  call(input: { readonly account: AccountKey; readonly callers: number }): Promise<Answers>;
  dieAt(moment: DeathMoment | null): Promise<void>;
}

obey<ServiceSetup, WorkerCommands>(async (setup) => {
  const fate = new Fate();
  const { tokens } = await openService(setup, {
    createDatabase: (dataSource) => new MortalDatabase(dataSource, fate),
    refresh: fate.refresh,
  });
  return {
    async call({ account: { tenantId, integrationId }, callers }) {
      const answers = { tokens: new Map<string, number>(), refusals: new Map<string, number>() };
      const caller = async () => {
        try {
          const header = await tokens.authorizationOf(tenantId, integrationId).current();
          addOne(answers.tokens, header.replace(/^Bearer /, ""));
        } catch (error) {
          addOne(answers.refusals, isIntegrationError(error) ? error.code : String(error));
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      return answers;
    },
    dieAt: async (moment) => fate.choose(moment),
  };
});

function addOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
