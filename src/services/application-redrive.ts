import type { TenantTransaction } from "../database/tenant-transaction.ts";
import type { InboundDelivery } from "../entities/inbound-delivery.ts";
import { type IntegrationError, isIntegrationError } from "../errors.ts";
import { jobBoard } from "../providers/registry.ts";
import type { Queue } from "../queue/queue.ts";
import type { ApplicationIntake, ReadDelivery } from "./application-intake.ts";
import { personOf, repeatedBy } from "./application-repeats.ts";
import { takeSoon } from "./application-tasks.ts";
import { takesNobody } from "./posting-plan.ts";
import { nothingToDo, type Redrive, type RedrivePlan, type Redrives } from "./redrive.ts";

/** What a message that brought an application says today: the application, or why it cannot be read. */
type Reading = ReadDelivery | IntegrationError;

/** Does again what messages asked for that brought applications. */
export class ApplicationRedrive implements Redrives {
  constructor(
    private readonly intake: Pick<ApplicationIntake, "open" | "read">,
    private readonly queue: Pick<Queue, "enqueue">,
    private readonly now: () => Date,
  ) {}

  async prepare({ tenantId, id }: InboundDelivery): Promise<RedrivePlan | null> {
    const opened = await this.intake.open(tenantId, id);
    if (!opened) return null;
    const reading = await this.intake.read(opened).catch((error: unknown) => {
      if (isIntegrationError(error)) return error;
      throw error;
    });
    return (tx, { delivery }) => this.plan(tx, delivery, reading);
  }

  private async plan(tx: TenantTransaction, delivery: InboundDelivery, reading: Reading): Promise<Redrive> {
    const { provider, state } = delivery;
    if (state === "DONE") return nothingToDo("Nothing changes: it is an application already.");
    if (isIntegrationError(reading)) {
      return nothingToDo(
        reading.code === "NOT_FOUND"
          ? "Nothing changes: there is no posting of the job that it is to."
          : `Nothing changes: it cannot be read (${reading.message}).`,
      );
    }
    const { posting, received } = reading;
    const { applications, name } = jobBoard(provider);
    if (state === "REFUSED" && takesNobody(posting) && applications?.refusals?.closedJob) {
      return nothingToDo(`Nothing changes: the posting is closed, which ${name} was told.`);
    }
    const { boardApplicationId, candidate } = received;
    const { repeatDays = 0 } = applications ?? {};
    const person = personOf(candidate);
    const known = await repeatedBy(tx, posting, { boardApplicationId, person, repeatDays, now: this.now() });
    if (known && state === "REPEATED") {
      return nothingToDo("Nothing changes: this person has applied to this job before.");
    }
    return {
      effects: [
        known
          ? "It is read anew, and belongs to an application that is here already."
          : "It is read anew, and becomes an application.",
      ],
      begin: async () => {
        await takeSoon(this.queue, tx, delivery.id);
        return { state: "RECEIVED", problem: null, jobPostingId: posting.id, jobApplicationId: null };
      },
    };
  }
}
