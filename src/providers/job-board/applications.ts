import type { IntegrationError } from "../../errors.ts";
import type { VendorAccount } from "../provider.ts";
import type { Job } from "./job.ts";

/** A request of a board's as it arrived. */
export interface BoardMessage {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The bytes as they came: signatures are of them. */
  readonly body: Buffer;
}

/** With what messages are proved. */
export interface MessageKeys {
  /** The account's own secret, as `connect` gave it; null at the operator's address, where messages for all accounts arrive. */
  readonly secret: Readonly<Record<string, string>> | null;
  /** The operator's, null where it has set none. */
  readonly clientSecret: string | null;
  readonly signingKey: string | null;
  readonly applyToken: string | null;
  /** Any of these is what {@link ApplyAddress.proof} was when a job was sent; absent at the operator's address. */
  readonly proofs?: readonly string[];
}

/** Where a board brings the applications to a posting. */
export interface ApplyAddress {
  /** `https://…/webhooks/linkedin/{token}`, the same for all postings of an account. */
  readonly url: string;
  /** What the operator has set as `<PROVIDER>_APPLY_API_TOKEN`. */
  readonly token: string | null;
  /** For boards that sign nothing: what they are given with a job and bring back with its applications, and nobody else can make. */
  readonly proof?: string;
}

/** What a message says. */
export type BoardNews =
  | {
      readonly kind: "application";
      /** What was applied to, as {@link BoardApplications.jobNameOf} names it, or the job's reference. */
      readonly jobName: string;
      readonly boardApplicationId: string;
      /** Null where the message does not say it. */
      readonly email: string | null;
    }
  /** The board wants jobs sent again (`resend`), or tells that they have changed by themselves (`look`). */
  | {
      readonly kind: "resend" | "look";
      /** Whose jobs, as {@link BoardApplications.accountNameOf} names the account. */
      readonly accountName: string;
      /** By reference; null for all that are open. */
      readonly references: readonly string[] | null;
    }
  | { readonly kind: "nothing" };

/** Who applies. What is not known is null. */
export interface Candidate {
  readonly fullName: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly headline: string | null;
  readonly summary: string | null;
  readonly profileUrls: readonly string[];
}

/** An answer to a question of the form. */
export interface ApplicationAnswer {
  /** Of `Job.screeningQuestions`; the board's own name for a question that is the board's. */
  readonly questionKey: string;
  readonly question: string | null;
  /** As the candidate gave them, choices by their value; empty where nothing was answered. */
  readonly values: readonly string[];
}

/** A place of work or study. Times are as the board says them: `2019`, `2019-04`. */
export interface CareerStep {
  readonly title: string | null;
  readonly organization: string | null;
  readonly description: string | null;
  readonly city: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** A file that belongs to an application. Names and types are the sender's own, and proved by nobody. */
export type ReceivedFile = {
  readonly kind: "RESUME" | "COVER_LETTER" | "ANSWER";
  /** The question that it answers; null for others. */
  readonly questionKey: string | null;
  readonly fileName: string | null;
  readonly contentType: string | null;
} & (
  | { readonly content: Buffer }
  /** It is fetched later ({@link BoardApplications.fetchFile}). */
  | { readonly source: string }
);

/** An application as every board's is read. */
export interface ReceivedApplication {
  readonly boardApplicationId: string;
  /** By what else the board knows it, for telling what became of it. */
  readonly boardReferences: Readonly<Record<string, string>>;
  readonly appliedAt: Date | null;
  readonly candidate: Candidate;
  readonly coverLetter: string | null;
  readonly resumeText: string | null;
  readonly experience: readonly CareerStep[];
  readonly education: readonly CareerStep[];
  readonly skills: readonly string[];
  readonly answers: readonly ApplicationAnswer[];
  /** Answers to questions about equal opportunity, which those who decide must not see. */
  readonly eeoAnswers: readonly ApplicationAnswer[];
  readonly files: readonly ReceivedFile[];
  readonly source: {
    readonly sponsored: boolean | null;
    readonly referrer: string | null;
    readonly campaign: string | null;
  };
}

/** How candidates who apply at the board itself come here. */
export interface BoardApplications {
  /** What the operator has to set so that candidates can apply at the board, in words; null when nothing is missing. */
  missing?(keys: MessageKeys): string | null;
  /**
   * The name of a posting in messages to the operator's address, one for all accounts. Absent where messages about
   * applications come to the accounts' own addresses alone, and name the job's reference.
   */
  jobNameOf?(posting: { readonly id: string; readonly job: Job }): string;
  /** The name of an account in messages to the operator's address; absent where none is named, null before one is known. */
  accountNameOf?(settings: Readonly<Record<string, string>>): string | null;
  /** The answer, as JSON, to a board that only asks whether the address is right; null for any other request. */
  handshake?(query: Readonly<Record<string, string>>, keys: MessageKeys): Readonly<Record<string, string>> | null;
  /**
   * Set where the board signs nothing: its messages are known by the address, which nobody can guess, and by what was given with the
   * job. What was changed on its way cannot be told.
   */
  readonly isUnsigned?: true;
  /** @throws {IntegrationError} FORBIDDEN when it is not the board's, was changed on its way, or is too old */
  prove(message: BoardMessage, keys: MessageKeys, now: Date): void;
  /**
   * What a proved message is about.
   *
   * @throws {IntegrationError} PROVIDER_REPLY_INVALID when it cannot be read
   */
  read(message: BoardMessage): BoardNews;
  /** The whole application. @throws {IntegrationError} PROVIDER_REPLY_INVALID when it cannot be read */
  parse(body: Buffer, job: Job): ReceivedApplication;
  /** A file that `parse` only names. @throws as every call; NOT_FOUND when it is gone */
  fetchFile?(account: VendorAccount, source: string): Promise<FetchedFile>;
  /**
   * The statuses by which the board wants to hear why an application is not taken. Where one is left out, the board hears 200,
   * and nothing is lost either: what was sent is kept for as long as other messages.
   */
  readonly refusals?: { readonly unknownJob?: 404; readonly closedJob?: 410; readonly repeated?: 409 };
  /** For so many days another application of the same person to the same posting is the same one. */
  readonly repeatDays: number;
}

export interface FetchedFile {
  readonly fileName: string | null;
  readonly contentType: string | null;
  readonly content: Buffer;
}

/** How far an application is with those who decide on it. */
export const applicationStatuses = [
  "NEW",
  "VIEWED",
  "RESUME_DOWNLOADED",
  "IN_REVIEW",
  "SHORTLISTED",
  "CONTACTED",
  "SCREENING",
  "ASSESSMENT",
  "INTERVIEWING",
  "BACKGROUND_CHECK",
  "BACKGROUND_CHECK_FAILED",
  "OFFER_EXTENDED",
  "OFFER_DECLINED",
  "HIRED",
  "REJECTED",
  "WITHDRAWN",
  "ON_HOLD",
  "JOB_CLOSED",
] as const;
export type ApplicationStatus = (typeof applicationStatuses)[number];

/** Why an application was REJECTED. */
export const rejectionReasons = [
  "AUTOMATIC",
  "CLOSED",
  "FAILED_CHECKS",
  "UNCERTIFIED",
  "UNRESPONSIVE",
  "OUT_OF_AREA",
  "UNAVAILABLE",
  "UNQUALIFIED",
  "CONSIDER_FOR_OTHER_ROLE",
  "HIRED_FOR_OTHER_ROLE",
  "OTHER",
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** One step of an application, to be told to its board. */
export interface StatusChange {
  readonly boardApplicationId: string;
  /** As in {@link ReceivedApplication.boardReferences}. */
  readonly boardReferences: Readonly<Record<string, string>>;
  readonly status: ApplicationStatus;
  /** Of a REJECTED one. */
  readonly reason: RejectionReason | null;
  /** What the platform calls the step, and more about it, in its own words. */
  readonly stage: string | null;
  readonly details: string | null;
  readonly changedAt: Date;
}

/** Telling a board what became of the applications that it sent. */
export interface BoardDispositions {
  /** At most so many changes in one call. */
  readonly batchSize: number;
  /** What the board calls each status; null for what it is not told. */
  readonly words: Readonly<Record<ApplicationStatus, string | null>>;
  /**
   * Tells changes, in this order, of which `words` has a word for each. Harmless twice as far as the board knows what it was
   * told before.
   *
   * @returns for each, in the same order, why the board does not take it; null when it does
   * @throws as every call, when nothing is known of any
   */
  send(account: VendorAccount, changes: readonly StatusChange[]): Promise<readonly (IntegrationError | null)[]>;
}
