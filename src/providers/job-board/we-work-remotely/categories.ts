import type { AccountSettings } from "../../provider.ts";
import type { Job } from "../job.ts";

/** We Work Remotely's categories, https://weworkremotely.com/api */
const categories = [
  { id: 1, name: "Design" },
  { id: 2, name: "Full-Stack Programming" },
  { id: 3, name: "Management and Finance" },
  { id: 4, name: "All Other Remote" },
  { id: 6, name: "DevOps and Sysadmin" },
  { id: 7, name: "Customer Support" },
  { id: 9, name: "Sales and Marketing" },
  { id: 11, name: "Product" },
  { id: 17, name: "Front-End Programming" },
  { id: 18, name: "Back-End Programming" },
] as const;
export type Category = (typeof categories)[number];

export const categoryNames: readonly string[] = categories.map(({ name }) => name);
const allOther: Category = categories[3];

/** The category that a job names itself, by its id or name: `2`, `Full-stack programming`; null when it names none. */
export function categoryNamed({ boardCodes, category, functions }: Job): Category | null {
  const words = [...boardCodes.functions, ...(category === null ? [] : [category]), ...functions].map(plain);
  const known = (word: string) => categories.find(({ id, name }) => word === String(id) || word === plain(name));
  return words.flatMap((word) => known(word) ?? [])[0] ?? null;
}

/** Where a job is listed: as it says itself, or as the account does, or under what has no other place. */
export function categoryOf(job: Job, { category }: AccountSettings): Category {
  return categoryNamed(job) ?? categories.find(({ name }) => name === category) ?? allOther;
}

/** `DevOps & Sysadmin` and `devops and sysadmin` are the same. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("&", "and")
    .replaceAll(/[^a-z\d]/g, "");
}
