import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { childOf, readXml } from "../../soap.ts";
import { Text } from "../tolerant-shapes.ts";

// Easy Apply, partner.monster.com: the older form (V1) as JSON or XML, and the newer one (V2) as JSON.

/** What a candidate sent, whichever form it came in. */
export interface SentApplication {
  /** Null in the older form. */
  readonly id: string | null;
  readonly jobRefCode: string;
  readonly vendorText: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  readonly country: string | null;
  readonly workAuthorization: string | null;
  readonly coverLetter: string | null;
  readonly resumeText: string | null;
  readonly file: { readonly name: string | null; readonly content: Buffer } | null;
  readonly source: string | null;
}

const Reference = z.union([z.string().min(1), z.number().transform(String)]);

/** Base64, or each byte as a number. */
const Bytes = z
  .union([
    z.array(z.number().int().min(-128).max(255)).transform((bytes) => Buffer.from(bytes)),
    z.string().transform((text) => Buffer.from(text, "base64")),
  ])
  .nullish()
  .catch(null)
  .transform((bytes) => (bytes && bytes.length > 0 ? bytes : null));

const Older = z
  .looseObject({
    JobRefID: Reference,
    VendorField: Text,
    FirstName: Text,
    LastName: Text,
    EmailAddress: Text,
    PhoneNumber: Text,
    City: Text,
    State: Text,
    ZipCode: Text,
    CountryCode: Text,
    WorkAuthorization: Text,
    CoverLetter: Text,
    ResumeValue: Text,
    FileContents: Bytes,
    FileExt: Text,
  })
  .transform(
    (sent): SentApplication => ({
      id: null,
      jobRefCode: sent.JobRefID,
      vendorText: sent.VendorField,
      firstName: sent.FirstName,
      lastName: sent.LastName,
      email: sent.EmailAddress,
      phone: sent.PhoneNumber,
      city: sent.City,
      region: sent.State,
      postalCode: sent.ZipCode,
      country: sent.CountryCode,
      workAuthorization: sent.WorkAuthorization,
      coverLetter: sent.CoverLetter,
      resumeText: sent.ResumeValue,
      file: sent.FileContents && { name: sent.FileExt && `resume.${sent.FileExt}`, content: sent.FileContents },
      source: null,
    }),
  );

/** What the résumé of the newer form looks like is not written: its bytes may have either name. */
const Resume = z.looseObject({ fileName: Text, name: Text, data: Bytes, fileContents: Bytes, text: Text });

const Applicant = z.looseObject({
  firstName: Text,
  lastName: Text,
  emailAddress: Text,
  phoneNumber: Text,
  city: Text,
  region: Text,
  postalCode: Text,
  countryCode: Text,
  workAuthorization: Text,
  resume: Resume.nullish().catch(null),
});

const Newer = z
  .looseObject({
    integratedApplyID: Reference,
    jobRefCode: Reference,
    vendorText: Text,
    sourceAttribution: Text,
    coverLetter: Text,
    applicant: Applicant,
  })
  .transform(({ applicant, ...sent }): SentApplication => {
    const { resume } = applicant;
    const content = resume?.data ?? resume?.fileContents ?? null;
    return {
      id: sent.integratedApplyID,
      jobRefCode: sent.jobRefCode,
      vendorText: sent.vendorText,
      firstName: applicant.firstName,
      lastName: applicant.lastName,
      email: applicant.emailAddress,
      phone: applicant.phoneNumber,
      city: applicant.city,
      region: applicant.region,
      postalCode: applicant.postalCode,
      country: applicant.countryCode,
      workAuthorization: applicant.workAuthorization,
      coverLetter: sent.coverLetter,
      resumeText: resume?.text ?? null,
      file: content && { name: resume?.fileName ?? resume?.name ?? null, content },
      source: sent.sourceAttribution,
    };
  });

/** @throws {IntegrationError} PROVIDER_REPLY_INVALID, without a word of what stands there */
export function readSentApplication(body: Buffer): SentApplication {
  const sent = contentOf(body.toString("utf8").trim());
  const read = [Newer, Older].map((form) => form.safeParse(sent));
  const found = read.find(({ success }) => success);
  if (found?.success) return found.data;
  throw new IntegrationError("PROVIDER_REPLY_INVALID", "Monster sent an application that cannot be read", {
    retryable: false,
    remedy: "Easy Apply has changed: look for a newer version of this service.",
  });
}

/** JSON, or the only element of XML. */
function contentOf(text: string): unknown {
  if (text.startsWith("<")) {
    const document = readXml(text);
    const [root] = Object.keys(typeof document === "object" && document !== null ? document : {}).filter(
      (name) => !name.startsWith("?"),
    );
    return root === undefined ? undefined : childOf(document, root);
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
