import type { InboundDelivery } from "../entities/inbound-delivery.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import { type ApplicationIntake, messageOf } from "./application-intake.ts";
import { nothingToDo, type RedrivePlan, type Redrives } from "./redrive.ts";
import { bringAsTold, postingsIn } from "./told-postings.ts";

/** Does again what messages asked for that spoke of jobs at a board. */
export class JobNewsRedrive implements Redrives {
  constructor(
    private readonly intake: Pick<ApplicationIntake, "open">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly now: () => Date,
  ) {}

  async prepare({ tenantId, id, provider }: InboundDelivery): Promise<RedrivePlan | null> {
    const opened = await this.intake.open(tenantId, id);
    if (!opened) return null;
    const { applications, name } = jobBoard(provider);
    const news = applications?.read(messageOf(opened));
    return async (tx, { integration, delivery }) => {
      if (news?.kind !== "resend" && news?.kind !== "look") return nothingToDo("Nothing changes: it asks for nothing.");
      const postingIds = await postingsIn(tx, integration.id, news);
      if (postingIds.length === 0) return nothingToDo(`Nothing changes: no job that it names is at ${name}.`);
      const postings = postingIds.length === 1 ? "1 posting is" : `${postingIds.length} postings are`;
      const { correlationId } = delivery;
      return {
        effects: [`${postings} ${news.kind === "resend" ? `sent to ${name} again` : `looked up at ${name}`}.`],
        begin: async () => {
          await bringAsTold(tx, this.queue, postingIds, { kind: news.kind, correlationId, at: this.now() });
          return { state: "DONE" };
        },
      };
    };
  }
}
