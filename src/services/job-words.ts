/** The words of a job, for whoever takes one in. */
export {
  applyMethods,
  employmentTypes,
  type Job,
  type JobLocation,
  promotionTypes,
  questionTypes,
  requirements,
  salaryPeriods,
  seniorities,
  workplaceTypes,
} from "../providers/job-board/job.ts";
export { postingRoutes } from "../providers/job-board/provider.ts";
export { feedDialects } from "../providers/registry.ts";
