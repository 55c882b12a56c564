// How Dice takes batches. What Dice's page on batch posting does not say, or nobody has confirmed, is here and nowhere else.
// https://www.dice.com/support/employer/jobs/jobs---batch-posting-instructions.html

export const recipient = "dicejobs@dice.com";

/** Dice advises not to send files more often. */
export const everySeconds = 30 * 60;

/** Of the attachment. The page says 10 MB; whether those are 10,000,000 bytes or more is not confirmed. */
export const maxAttachmentBytes = 10_000_000;
/** A larger file is compressed: mail servers on the way have limits of their own. */
export const compressedFromBytes = 1_000_000;
export const fileNames = { plain: "jobs.txt", compressed: "jobs.txt.gz" } as const;

/** In this mode what is not in the file goes off the board. The word for it is not confirmed. */
export const doctype = "<!doctype batch totalreplace>";

/** Tags that a recruiter's name and address go to; what they are called is not confirmed. */
export const recruiterTags = { name: "recruitername", email: "recruiteremail" } as const;

/** Words of `taxterm` for contracts: that they begin with CON_ is known, and CON_W2 is in use. */
export const contractTerms = ["CON_W2", "CON_CORP", "CON_IND", "CON_HIRE_W2", "CON_HIRE_CORP", "CON_HIRE_IND"] as const;
export const usualContractTerm = "CON_W2";

/** Plain text with simple tags is safest in `comments`, which are then shown as HTML, or can be read as they are. */
export const shownTags: readonly string[] = ["p", "br", "ul", "li", "strong"];
