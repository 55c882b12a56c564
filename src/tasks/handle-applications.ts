import type { ApplicationFiles } from "../services/application-files.ts";
import type { ApplicationIntake } from "../services/application-intake.ts";
import type { BoardDispositions } from "../services/board-dispositions.ts";
import { type AnyTask, defineTask } from "./task.ts";

/** What applications need in the background. Each is harmless twice. */
export function handleApplications(
  intake: ApplicationIntake,
  files: ApplicationFiles,
  dispositions: BoardDispositions,
): AnyTask[] {
  return [
    defineTask({
      name: "take-application",
      attempts: 12,
      concurrency: 4,
      ofOneTenant: 3,
      run: ({ tenantId, inboundDeliveryId }, { isLast }) => intake.take(tenantId, inboundDeliveryId, isLast),
    }),
    defineTask({
      name: "fetch-application-file",
      attempts: 12,
      concurrency: 2,
      run: ({ tenantId, applicationFileId }, { isLast, signal }) =>
        files.fetch(tenantId, applicationFileId, isLast, signal),
    }),
    defineTask({
      name: "tell-board",
      // However long a board is down: nothing that it has not heard is given up.
      attempts: 10_000,
      concurrency: 2,
      run: ({ tenantId, integrationId }, { signal }) => dispositions.tell(tenantId, integrationId, signal),
    }),
  ];
}
