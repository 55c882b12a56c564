/** A job as every board gets it: ours, and no board's. Text is plain unless it says HTML; times are instants. */
export interface Job {
  /** The caller's reference code, which never changes once it was sent: 1 to 50 of `A-Z a-z 0-9 _ -`, so that it fits every board. */
  readonly externalReference: string;
  /** Falls back to `externalReference`. */
  readonly requisitionId: string | null;
  readonly title: string;
  /** HTML, as are the next four. They are joined in this order, and sanitised for each board. */
  readonly description: string;
  readonly responsibilities: string | null;
  readonly requirements: string | null;
  readonly niceToHave: string | null;
  readonly benefitsText: string | null;
  readonly employmentType: EmploymentType | null;
  readonly workplaceType: WorkplaceType | null;
  readonly location: JobLocation | null;
  readonly alternateLocations: readonly JobLocation[];
  /** Where applicants may live, by ISO 3166-1 alpha-2; empty for no restriction. */
  readonly remoteCountries: readonly string[];
  readonly salary: Salary | null;
  readonly equity: { readonly offered: boolean; readonly range: string | null } | null;
  readonly seniority: Seniority | null;
  readonly yearsOfExperience: number | null;
  readonly education: string | null;
  readonly certifications: readonly string[];
  readonly languages: readonly string[];
  readonly englishLevel: string | null;
  /** The caller's own words, as are `functions` and `category`. A board's own codes are `boardCodes`. */
  readonly industries: readonly string[];
  readonly functions: readonly string[];
  readonly category: string | null;
  /** What one board calls functions, industries or categories, where the caller knows it. */
  readonly boardCodes: { readonly functions: readonly string[]; readonly industries: readonly string[] };
  readonly skills: { readonly required: readonly string[]; readonly preferred: readonly string[] };
  readonly benefits: readonly string[];
  readonly company: Company;
  readonly applyMethod: "EXTERNAL_URL" | "BOARD_NATIVE" | "EMAIL";
  readonly applyUrl: string | null;
  readonly contactEmail: string | null;
  readonly contactName: string | null;
  readonly contactPhone: string | null;
  readonly screeningQuestions: readonly ScreeningQuestion[];
  /** BCP 47. */
  readonly language: string | null;
  readonly positionsCount: number | null;
  readonly hoursPerWeek: number | null;
  readonly videoUrl: string | null;
  readonly publishedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly compliance: { readonly eeoStatement: string | null; readonly eeoQuestions: boolean };
  readonly requireResume: Requirement;
  readonly requireCoverLetter: Requirement;
  readonly requirePhone: Requirement;
  readonly promotion: Promotion | null;
}

export const employmentTypes = [
  "FULL_TIME",
  "PART_TIME",
  "CONTRACT",
  "TEMPORARY",
  "INTERNSHIP",
  "VOLUNTEER",
  "PER_DIEM",
] as const;
export type EmploymentType = (typeof employmentTypes)[number];

export const workplaceTypes = ["ON_SITE", "HYBRID", "REMOTE"] as const;
export type WorkplaceType = (typeof workplaceTypes)[number];

export const seniorities = ["INTERN", "ENTRY", "JUNIOR", "MID", "SENIOR", "LEAD", "EXECUTIVE"] as const;
export type Seniority = (typeof seniorities)[number];

export const salaryPeriods = ["HOUR", "DAY", "WEEK", "MONTH", "YEAR"] as const;
export type SalaryPeriod = (typeof salaryPeriods)[number];

export const applyMethods = ["EXTERNAL_URL", "BOARD_NATIVE", "EMAIL"] as const satisfies readonly Job["applyMethod"][];

export const requirements = ["REQUIRED", "OPTIONAL", "HIDDEN"] as const;
export type Requirement = (typeof requirements)[number];

export interface JobLocation {
  readonly street: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** Amounts are decimals as text, so that none is rounded on its way. */
export interface Salary {
  readonly min: string | null;
  readonly max: string | null;
  /** ISO 4217. */
  readonly currency: string;
  readonly period: SalaryPeriod;
  /** False keeps it from every board. */
  readonly visible: boolean;
}

export interface Company {
  readonly name: string;
  readonly url: string | null;
  readonly logoUrl: string | null;
  readonly description: string | null;
  readonly isStaffingAgency: boolean;
  readonly isConfidential: boolean;
}

export const promotionTypes = ["SPONSORED", "PROMOTED", "BOOST"] as const;

/** Paid visibility. */
export interface Promotion {
  readonly type: (typeof promotionTypes)[number];
  readonly budget: Money | null;
  readonly days: number | null;
}

export interface Money {
  /** A decimal as text. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

export const questionTypes = [
  "TEXT",
  "LONG_TEXT",
  "NUMBER",
  "DATE",
  "BOOLEAN",
  "SINGLE_CHOICE",
  "MULTI_CHOICE",
  "FILE",
] as const;

export interface ScreeningQuestion {
  /** Unique within the job. */
  readonly key: string;
  readonly text: string;
  readonly type: (typeof questionTypes)[number];
  readonly required: boolean;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly min: number | null;
  readonly max: number | null;
  readonly maxLength: number | null;
  /** Asked only when that question has this answer. */
  readonly dependsOn: { readonly key: string; readonly value: string } | null;
  /** Answers that do not rule an applicant out; empty where every one is fine. */
  readonly acceptableValues: readonly string[];
}

export type JobField = keyof Job;
