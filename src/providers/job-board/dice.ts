import { renderDescription } from "./description.ts";
import { everySeconds } from "./dice/batch-format.ts";
import { checkJob } from "./dice/check.ts";
import { compose } from "./dice/compose.ts";
import { auth } from "./dice/connect.ts";
import { slotsOf } from "./dice/document.ts";
import { descriptionRules, fields } from "./dice/mapping.ts";
import type { JobBoardProvider } from "./provider.ts";

/** Dice: jobs come by mail, all of a company's in one file, and Dice never says what it made of them. */
export const dice: JobBoardProvider = {
  kind: "JOB_BOARD",
  id: "DICE",
  name: "Dice",
  auth,
  renewal: { kind: "none", reason: "A batch login of Dice's is valid until Dice ends it." },
  limits: {
    description:
      "Dice takes mail alone, and advises to send no second file within 30 minutes: this service keeps to that, over all processes.",
    concurrentCalls: 0,
    cost: "A contract for job slots, whose prices Dice does not publish. Each place of a job takes a slot.",
  },
  freshness: { floorSeconds: everySeconds, defaultSeconds: 24 * 60 * 60 },
  route: () => "EMAIL",
  // A job is shown for as long as it is in the file.
  expires: "SERVICE",
  fields,
  check: checkJob,
  render: (job) => renderDescription(job, descriptionRules),
  cost: (job) => ({ money: null, unit: slotsOf(job) === 1 ? "job slot" : `${slotsOf(job)} job slots` }),
  batch: { everySeconds, compose },
};
