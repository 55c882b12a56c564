import type { TenantTransaction } from "../database/tenant-transaction.ts";
import { JobApplication } from "../entities/job-application.ts";
import type { JobPosting } from "../entities/job-posting.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Tells whether two applicants are the same person: by mail address, else by telephone number; null when neither is known. */
export function personOf({
  email,
  phone,
}: {
  readonly email: string | null;
  readonly phone: string | null;
}): string | null {
  const address = email?.trim().toLowerCase() ?? "";
  if (address !== "") return address;
  const digits = phone?.replace(/\D/g, "") ?? "";
  return digits === "" ? null : digits;
}

/** The application that another one is the same as: the board's own id tells first, then the person. */
export async function repeatedBy(
  tx: TenantTransaction,
  { tenantId, id: jobPostingId, integrationId }: JobPosting,
  another: {
    readonly boardApplicationId: string;
    readonly person: string | null;
    readonly repeatDays: number;
    readonly now: Date;
  },
): Promise<JobApplication | null> {
  const { boardApplicationId, person, repeatDays, now } = another;
  const same = await tx.manager.findOneBy(JobApplication, { tenantId, integrationId, boardApplicationId });
  if (same || person === null) return same;
  return tx.manager
    .createQueryBuilder(JobApplication, "application")
    .where("application.tenantId = :tenantId AND application.jobPostingId = :jobPostingId", { tenantId, jobPostingId })
    .andWhere("application.person = :person AND application.receivedAt > :since", {
      person,
      since: new Date(now.getTime() - repeatDays * dayMs),
    })
    .orderBy("application.receivedAt", "DESC")
    .getOne();
}
