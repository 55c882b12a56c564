import { randomUUID } from "node:crypto";
import type { Job } from "../../src/providers/job-board/job.ts";
import type { BoardPosting } from "../../src/providers/job-board/provider.ts";

const description = `<p>${"You talk with customers, and mend what they show you. ".repeat(4)}</p>`;

export const berlinOffice = {
  street: "Torstraße 1",
  city: "Berlin",
  region: "Berlin",
  postalCode: "10119",
  country: "DE",
  latitude: 52.53,
  longitude: 13.4,
};

const austinOffice = {
  street: "500 Congress Avenue",
  city: "Austin",
  region: "TX",
  postalCode: "78701",
  country: "US",
  latitude: 30.268,
  longitude: -97.743,
};

/** A job that every board takes. */
export function aJob(changes: Partial<Job> = {}): Job {
  return {
    externalReference: `REF-${randomUUID().slice(0, 8)}`,
    requisitionId: null,
    title: "Service engineer",
    description,
    responsibilities: null,
    requirements: null,
    niceToHave: null,
    benefitsText: null,
    employmentType: "FULL_TIME",
    workplaceType: "REMOTE",
    location: austinOffice,
    alternateLocations: [],
    remoteCountries: [],
    salary: null,
    equity: null,
    seniority: null,
    yearsOfExperience: null,
    education: null,
    certifications: [],
    languages: [],
    englishLevel: null,
    industries: [],
    functions: [],
    category: null,
    boardCodes: { functions: [], industries: [] },
    skills: { required: [], preferred: [] },
    benefits: [],
    company: {
      name: "Muster AG",
      url: null,
      logoUrl: null,
      description: null,
      isStaffingAgency: false,
      isConfidential: false,
    },
    applyMethod: "EXTERNAL_URL",
    applyUrl: "https://careers.example.test/apply/1",
    contactEmail: "jobs@example.test",
    contactName: null,
    contactPhone: null,
    screeningQuestions: [],
    language: null,
    positionsCount: null,
    hoursPerWeek: null,
    videoUrl: null,
    publishedAt: null,
    expiresAt: null,
    compliance: { eeoStatement: null, eeoQuestions: false },
    requireResume: "OPTIONAL",
    requireCoverLetter: "OPTIONAL",
    requirePhone: "OPTIONAL",
    promotion: null,
    ...changes,
  };
}

/** A job that says something in every field. */
export function aFullJob(changes: Partial<Job> = {}): Job {
  return aJob({
    requisitionId: "REQ-1",
    responsibilities: "<p>You answer for it.</p>",
    requirements: "<p>You can weld.</p>",
    niceToHave: "<p>You like it.</p>",
    benefitsText: "<p>You get a bicycle.</p>",
    alternateLocations: [berlinOffice],
    remoteCountries: ["US", "DE"],
    salary: { min: "52000", max: "61000.50", currency: "USD", period: "YEAR", visible: true },
    equity: { offered: true, range: "0.1 % to 0.5 %" },
    seniority: "SENIOR",
    yearsOfExperience: 5,
    education: "A degree in engineering",
    certifications: ["Welding"],
    languages: ["English"],
    englishLevel: "B2",
    industries: ["Bridges"],
    functions: ["Engineering"],
    category: "Service",
    boardCodes: { functions: ["code-1"], industries: ["code-2"] },
    skills: { required: ["CAD"], preferred: ["Climbing"] },
    benefits: ["Bicycle"],
    company: {
      name: "Muster AG",
      url: "https://www.example.test/",
      logoUrl: "https://www.example.test/logo.png",
      description: "We mend bridges.",
      isStaffingAgency: false,
      isConfidential: false,
    },
    contactName: "Ana Muster",
    contactPhone: "+1 512 555 0100",
    language: "en",
    positionsCount: 2,
    hoursPerWeek: 40,
    videoUrl: "https://www.example.test/video",
    publishedAt: new Date("2026-11-01T08:00:00Z"),
    expiresAt: new Date("2999-01-01T00:00:00Z"),
    compliance: { eeoStatement: "We treat everybody alike.", eeoQuestions: true },
    promotion: { type: "BOOST", budget: { amount: "100", currency: "USD" }, days: 7 },
    ...changes,
  });
}

/** A posting of it that is about to be posted. */
export function aPosting(changes: Partial<BoardPosting> = {}): BoardPosting {
  return {
    id: randomUUID(),
    job: aJob(),
    listedAt: new Date(),
    now: new Date(),
    operation: "POST",
    previousState: null,
    boardPostingId: null,
    boardTaskId: null,
    url: null,
    apply: null,
    ...changes,
  };
}
