import { buildSchema, type GraphQLSchema } from "graphql";
import type { IndeedSwitches } from "./switches.ts";

type Variant = Pick<IndeedSwitches, "missingFieldRefuses" | "surfaceStatuses">;

const built = new Map<string, GraphQLSchema>();

/** Indeed's GraphQL schema as far as it is written down: Job Sync and Disposition Sync. https://docs.indeed.com/api/graphql_schema */
export function indeedSchema(variant: Variant): GraphQLSchema {
  const sdl = schemaText(variant);
  const schema = built.get(sdl) ?? buildSchema(sdl);
  built.set(sdl, schema);
  return schema;
}

/** In inputs `!!` marks what is required of a job, and `!` what is required of a call. */
function schemaText({ missingFieldRefuses, surfaceStatuses }: Variant): string {
  const surface = surfaceStatuses === "list" ? "[SurfaceStatus!]" : "SurfaceStatus";
  return `${inputs.replaceAll("!!", missingFieldRefuses === "call" ? "!" : "")}
${outputs.replace("<SurfaceStatuses>", surface)}`;
}

const inputs = `
scalar Int64
scalar JSON

enum DescriptionFormatting { TEXT RICH_FORMATTING }
enum SalaryPeriod { HOUR DAY WEEK MONTH YEAR MILE TASK SHIFT }
enum ProbationaryPeriod { YES NO UNKNOWN }
enum ApplyRequirement { YES NO OPTIONAL }

input CreateSourcedJobPostingsInput { jobPostings: [SourcedJobPostingInput!]! }

input SourcedJobPostingInput {
  body: SourcedJobPostingBodyInput!!
  metadata: SourcedJobPostingMetadataInput!!
  applyMethod: SourcedJobPostingApplyMethodInput
}

input SourcedJobPostingBodyInput {
  title: String!!
  description: String!!
  descriptionFormatting: DescriptionFormatting
  location: SourcedJobPostingLocationInput!!
  salary: SourcedJobPostingSalaryInput
  benefits: [String!]!!
  hasProbationaryPeriod: ProbationaryPeriod
}

input SourcedJobPostingLocationInput {
  country: String!!
  cityRegionPostal: String
  streetAddress: String
}

input SourcedJobPostingSalaryInput {
  currency: String!!
  minimumMinor: Int64!!
  maximumMinor: Int64
  period: SalaryPeriod!!
}

input SourcedJobPostingMetadataInput {
  jobPostingId: String!!
  jobRequisitionId: String
  jobSource: SourcedJobPostingJobSourceInput!!
  taxonomyClassification: SourcedJobPostingTaxonomyClassificationInput
  contacts: [SourcedJobPostingJobContactInput!]!!
  datePublished: String!!
  expirationDate: String
  url: String!!
}

input SourcedJobPostingJobSourceInput {
  companyName: String!!
  sourceName: String!!
  sourceType: String!!
  companyWebsite: String
  employerIds: [JSON!]
  isPlacement: Boolean
  originFeedSystemName: String
}

input SourcedJobPostingTaxonomyClassificationInput {
  jobTypes: [String!]
  categories: [String!]
}

input SourcedJobPostingJobContactInput {
  contactType: [String!]!!
  contactInfo: SourcedJobPostingContactInfoInput!!
}

input SourcedJobPostingContactInfoInput {
  contactName: String
  contactEmail: String
  contactPhone: String
}

input SourcedJobPostingApplyMethodInput { indeedApply: SourcedJobPostingIndeedApplyInput }

input SourcedJobPostingIndeedApplyInput {
  apiToken: String!!
  postUrl: String!!
  jobMeta: String
  phoneRequired: ApplyRequirement
  coverLetterRequired: ApplyRequirement
  resumeRequired: ApplyRequirement
  nameFormat: String
  applyQuestions: String
  applyQuestionsDetails: JSON
}

input ExpireSourcedJobsBySourcedPostingIdInput { jobs: [ExpireSourcedJobBySourcedPostingIdInput!]! }

input ExpireSourcedJobBySourcedPostingIdInput { sourcedPostingId: String! }

enum IndeedDispositionStatus {
  NEW REVIEW LIKED CONTACTED SCREEN POSITIVELY_SCREENED ASSESS_QUALIFICATIONS INTERVIEW VERIFY_ELIGIBILITY
  BACKGROUND_CHECK OFFER_MADE OFFER_DECLINED HIRED ONBOARDED NOT_SELECTED WITHDRAWN INCOMPLETE JOB_INACTIVE
  JOB_CLOSED UNABLE_TO_MAP DROPPED_DUPLICATE DROPPED_JOB_EXPIRED DROPPED_FRAUD_SPAM
}

input SendPartnerDispositionInput { dispositions: [PartnerDispositionInput!]! }

input PartnerDispositionInput {
  dispositionStatus: IndeedDispositionStatus!
  rawDispositionStatus: String!
  rawDispositionDetails: String
  atsName: String!
  statusChangeDateTime: String!
  identifiedBy: PartnerDispositionIdentifierInput!
}

input PartnerDispositionIdentifierInput {
  indeedApplyID: String
  ittk: String
  universalApplyId: String
  alternateIdentifier: PartnerDispositionAlternateIdentifierInput
}

input PartnerDispositionAlternateIdentifierInput {
  jobIdentifier: PartnerDispositionJobIdentifierInput!
  jobSeekerIdentifier: PartnerDispositionJobSeekerIdentifierInput!
}

input PartnerDispositionJobIdentifierInput {
  indeedJobKey: String
  employerJobId: String
  atsApplicationIdentifier: String
}

input PartnerDispositionJobSeekerIdentifierInput {
  indeedJobSeekerKey: String
  emailAddress: String
}
`;

const outputs = `
type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}

type Mutation {
  jobsIngest: JobsIngestMutation
  partnerDisposition: PartnerDispositionMutation
}

type JobsIngestMutation {
  createSourcedJobPostings(input: CreateSourcedJobPostingsInput): CreateSourcedJobPostingsPayload
  expireSourcedJobsBySourcedPostingId(input: ExpireSourcedJobsBySourcedPostingIdInput!): ExpireSourcedJobsBySourcedPostingIdPayload
}

type CreateSourcedJobPostingsPayload { results: [CreateSourcedJobPostingResult] }
type CreateSourcedJobPostingResult { jobPosting: SourcedJobPosting }
type SourcedJobPosting { sourcedPostingId: ID! employerJobId: ID }

type ExpireSourcedJobsBySourcedPostingIdPayload { results: [ExpireSourcedJobResult] }
type ExpireSourcedJobResult { trackingKey: String! inputData: ExpireSourcedJobInputData }
union ExpireSourcedJobInputData = ExpireSourcedJobBySourcedPostingIdInfo
type ExpireSourcedJobBySourcedPostingIdInfo { sourcedPostingId: ID! }

interface Node { id: ID! }
type EmployerJob implements Node { id: ID! seats: [EmployerJobSeat!] }
type EmployerJobSeat { jobPost: JobPost }
type JobPost { id: ID! status: JobPostStatus }
type JobPostStatus { globalStatus: JobPostGlobalStatus surfaceStatuses: <SurfaceStatuses> }
type JobPostGlobalStatus { lifecycleStatus: String isIndeedApplyActive: Boolean }
type SurfaceStatus { isRejected: Boolean isSponsorshipRequired: Boolean isMissingRequiredSponsorship: Boolean }

type PartnerDispositionMutation { send(input: SendPartnerDispositionInput!): SendPartnerDispositionPayload }
type SendPartnerDispositionPayload {
  numberGoodDispositions: Int!
  failedDispositions: [FailedPartnerDisposition!]!
}
type FailedPartnerDisposition { identifiedBy: PartnerDispositionIdentifier rationale: String! }
type PartnerDispositionIdentifier {
  indeedApplyID: String
  ittk: String
  universalApplyId: String
  alternateIdentifier: PartnerDispositionAlternateIdentifier
}
type PartnerDispositionAlternateIdentifier {
  jobIdentifier: PartnerDispositionJobIdentifier
  jobSeekerIdentifier: PartnerDispositionJobSeekerIdentifier
}
type PartnerDispositionJobIdentifier { indeedJobKey: String employerJobId: String atsApplicationIdentifier: String }
type PartnerDispositionJobSeekerIdentifier { indeedJobSeekerKey: String emailAddress: String }
`;
