// The words of We Work Remotely's, https://weworkremotely.com/api

export const categories: ReadonlyMap<number, string> = new Map([
  [1, "Design"],
  [2, "Full-Stack Programming"],
  [3, "Management and Finance"],
  [4, "All Other Remote"],
  [6, "DevOps and Sysadmin"],
  [7, "Customer Support"],
  [9, "Sales and Marketing"],
  [11, "Product"],
  [17, "Front-End Programming"],
  [18, "Back-End Programming"],
]);

export const regions: readonly string[] = [
  "Anywhere in the World",
  "USA Only",
  "North America Only",
  "Latin America Only",
  "Americas Only",
  "Europe Only",
  "UK Only",
  "Canada Only",
  "EMEA Only",
  "Asia Only",
  "Africa Only",
  "Oceania Only",
  "Other",
];

export const shownTags: readonly string[] = ["a", "ol", "ul", "li", "h1", "h2", "h3", "p", "strong", "em", "br"];

/** What "All Skills" lists; which ones there are is not written. */
export const skills: ReadonlyMap<number, string> = new Map([
  [1, "Ruby on Rails"],
  [2, "JavaScript"],
  [3, "TypeScript"],
  [4, "PostgreSQL"],
  [5, "Customer Service"],
]);
