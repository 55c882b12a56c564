import { describe, expect, it } from "vitest";
import { jobPostingJsonLd } from "../../src/providers/job-board/google-jobs.ts";
import type { Job } from "../../src/providers/job-board/job.ts";
import { jsonLdOf } from "../../src/services/google-jobs.ts";
import { toStored } from "../../src/services/stored-job.ts";
import { aFullJob, aJob, berlinOffice } from "../support/a-job.ts";
import { aJobPosting } from "../support/a-job-posting.ts";
import { anIntegration } from "../support/builders.ts";

const listedAt = new Date("2026-11-20T08:00:00Z");
const jsonLd = (changes: Partial<Job>) => jobPostingJsonLd(aJob({ workplaceType: "ON_SITE", ...changes }), listedAt);
const austin = {
  "@type": "Place",
  address: {
    "@type": "PostalAddress",
    streetAddress: "500 Congress Avenue",
    addressLocality: "Austin",
    addressRegion: "TX",
    postalCode: "78701",
    addressCountry: "US",
  },
};

describe("what a job's page says to Google for Jobs", () => {
  it("is everything that Google reads", () => {
    const job = aFullJob({ externalReference: "REF-1", workplaceType: "HYBRID", alternateLocations: [] });
    const { description, ...said } = jobPostingJsonLd(job, listedAt) ?? {};
    expect(said).toEqual({
      "@context": "https://schema.org",
      "@type": "JobPosting",
      title: "Service engineer",
      datePosted: "2026-11-01T08:00:00.000Z",
      validThrough: "2999-01-01T00:00:00.000Z",
      employmentType: "FULL_TIME",
      hiringOrganization: {
        "@type": "Organization",
        name: "Muster AG",
        sameAs: "https://www.example.test/",
        logo: "https://www.example.test/logo.png",
      },
      identifier: { "@type": "PropertyValue", name: "Muster AG", value: "REQ-1" },
      jobLocation: austin,
      baseSalary: {
        "@type": "MonetaryAmount",
        currency: "USD",
        value: { "@type": "QuantitativeValue", minValue: 52000, maxValue: 61000.5, unitText: "YEAR" },
      },
      experienceRequirements: { "@type": "OccupationalExperienceRequirements", monthsOfExperience: 60 },
    });
    for (const part of ["You talk", "answer for it", "can weld", "You like it", "bicycle"]) {
      expect(description).toContain(part);
    }
  });

  it("is no more than the job says", () => {
    expect(jsonLd({ externalReference: "REF-1", employmentType: null, description: "<p>Hi</p>" })).toEqual({
      "@context": "https://schema.org",
      "@type": "JobPosting",
      title: "Service engineer",
      description: "<p>Hi</p>",
      datePosted: "2026-11-20T08:00:00.000Z",
      hiringOrganization: { "@type": "Organization", name: "Muster AG" },
      identifier: { "@type": "PropertyValue", name: "Muster AG", value: "REF-1" },
      jobLocation: austin,
    });
  });

  it.each([
    ["FULL_TIME", "FULL_TIME"],
    ["PART_TIME", "PART_TIME"],
    ["CONTRACT", "CONTRACTOR"],
    ["TEMPORARY", "TEMPORARY"],
    ["INTERNSHIP", "INTERN"],
    ["VOLUNTEER", "VOLUNTEER"],
    ["PER_DIEM", "PER_DIEM"],
  ] as const)("calls %s %s", (employmentType, word) => {
    expect(jsonLd({ employmentType })?.["employmentType"]).toBe(word);
  });

  it("names each place of a job", () => {
    expect(jsonLd({ alternateLocations: [berlinOffice] })?.["jobLocation"]).toMatchObject([
      { address: { addressCountry: "US" } },
      { address: { addressCountry: "DE" } },
    ]);
  });

  it("is TELECOMMUTE for a job that is done anywhere, with the countries in which applicants may live", () => {
    const remote = (changes: Partial<Job>) => jsonLd({ workplaceType: "REMOTE", ...changes });
    expect(remote({ remoteCountries: ["US", "DE"] })).toMatchObject({
      jobLocationType: "TELECOMMUTE",
      applicantLocationRequirements: [
        { "@type": "Country", name: "US" },
        { "@type": "Country", name: "DE" },
      ],
    });
    expect(remote({})).toMatchObject({ applicantLocationRequirements: { "@type": "Country", name: "US" } });
    expect(remote({})).not.toHaveProperty("jobLocation");
  });

  it.each(["HYBRID", "ON_SITE", null] as const)("is never TELECOMMUTE for %s", (workplaceType) => {
    expect(jsonLd({ workplaceType })).not.toHaveProperty("jobLocationType");
  });

  it.each([
    [{ min: "25", max: null }, { value: 25 }],
    [{ min: null, max: "30.50" }, { value: 30.5 }],
    [{ min: "25", max: "25.00" }, { value: 25 }],
  ])("has one amount of pay where there is one: %o", (amounts, value) => {
    const salary = { ...amounts, currency: "EUR", period: "HOUR", visible: true } as const;
    expect(jsonLd({ salary })?.["baseSalary"]).toEqual({
      "@type": "MonetaryAmount",
      currency: "EUR",
      value: { "@type": "QuantitativeValue", ...value, unitText: "HOUR" },
    });
  });

  it("says nothing of pay that is not to be seen", () => {
    const salary = { min: "98765", max: null, currency: "USD", period: "YEAR", visible: false } as const;
    expect(JSON.stringify(jsonLd({ salary }))).not.toContain("98765");
  });

  it("has paragraphs, lists and headings, and no scripts", () => {
    const description = `<h2 onclick="x()">About</h2><script>alert(1)</script><p>A <b>bold</b> word</p><ol><li>one</li></ol>`;
    expect(jsonLd({ description })?.["description"]).toBe("<h2>About</h2><p>A bold word</p><ul><li>one</li></ul>");
  });

  it.each([
    { title: " " },
    { description: "<p> </p>" },
    { description: "<script>alert(1)</script>" },
    { location: null },
    { workplaceType: "HYBRID", location: null, remoteCountries: ["DE"] },
    { workplaceType: "REMOTE", location: null },
    { company: { ...aJob().company, name: " " } },
    { company: { ...aJob().company, isConfidential: true } },
  ] as const)("is nothing where what Google requires is missing, or the company is not to be named: %o", (changes) => {
    expect(jsonLd(changes)).toBeNull();
  });
});

describe("a posting's word to Google", () => {
  const now = new Date("2026-12-01T09:00:00Z");
  const said = (changes: Parameters<typeof aJobPosting>[1]) => jsonLdOf(aJobPosting(anIntegration(), changes), now);

  it.each(["QUEUED", "SUBMITTED", "IN_REVIEW", "LIVE", "LIMITED", "PENDING_MANUAL"] as const)(
    "is there: %s",
    (state) => {
      expect(said({ state })).not.toBeNull();
    },
  );

  it.each(["PENDING_APPROVAL", "REJECTED", "EXPIRED", "CLOSED", "FAILED"] as const)("is not there: %s", (state) => {
    expect(said({ state })).toBeNull();
  });

  it("ends as soon as nobody can apply any more", () => {
    expect(said({ state: "LIVE", wanted: "CLOSED" })).toBeNull();
    expect(said({ state: "LIVE", job: toStored(aJob({ expiresAt: now })) })).toBeNull();
    expect(said({ state: "LIVE", job: toStored(aJob({ expiresAt: new Date(now.getTime() + 1) })) })).not.toBeNull();
  });
});
