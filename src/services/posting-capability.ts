import type { StoredOperation } from "../entities/job-posting.ts";
import { IntegrationError } from "../errors.ts";
import type { JobBoardProvider } from "../providers/job-board/provider.ts";

export const methods = { POST: "post", UPDATE: "update", CLOSE: "close", REOPEN: "reopen" } as const satisfies Record<
  StoredOperation,
  keyof JobBoardProvider
>;

/** Whether that can be done to a job at the board: by a call, by a person, or with the next mail of all jobs. */
export function takes(board: JobBoardProvider, operation: StoredOperation): boolean {
  return board.manual !== undefined || board.batch !== undefined || board[methods[operation]] !== undefined;
}

/** @throws {IntegrationError} UNSUPPORTED_CAPABILITY */
export function cannot({ name }: JobBoardProvider, operation: StoredOperation): IntegrationError {
  return new IntegrationError("UNSUPPORTED_CAPABILITY", `${name} has no way to ${methods[operation]} a job posting`, {
    remedy: "`Provider.capabilities` says what each board can do.",
  });
}
