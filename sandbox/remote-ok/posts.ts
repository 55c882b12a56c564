import { randomBytes } from "node:crypto";
import type { Entered, RemoteOkState, StoredPost } from "./state.ts";
import type { RemoteOkSwitches } from "./switches.ts";

const dayMs = 24 * 60 * 60 * 1000;
const maxCharacters = 100_000;

/** Posts, and what is paid for them. */
export class Posts {
  constructor(
    private readonly stored: RemoteOkState,
    private readonly switches: RemoteOkSwitches,
    private readonly now: () => Date,
  ) {}

  /** Why nobody can pay for that; null when everybody can. */
  problemIn(entered: Entered): string | null {
    const { company, position, description, applyUrl, applyEmail } = entered;
    if (Object.values(entered).some((text: string) => text.length > maxCharacters)) {
      return `No field has more than ${maxCharacters} characters.`;
    }
    if ([company, position, description].some((text) => text === "")) {
      return "Company name, position and job description are needed.";
    }
    if (applyUrl === "" && applyEmail === "") return "Say where candidates apply: a URL or an email address.";
    return applyUrl === "" || isWebAddress(applyUrl) ? null : "The apply URL is no web address.";
  }

  post(entered: Entered, isAutoRenewed: boolean): StoredPost {
    const id = 1_000_000 + this.stored.posts.size + 1;
    const postedAt = this.now();
    const editKey = randomBytes(16).toString("hex");
    const post = { id, editKey, entered, isAutoRenewed, isClosed: false, postedAt, paidUntil: postedAt };
    this.stored.posts.set(id, post);
    this.pay(post, postedAt, this.switches.price);
    return post;
  }

  /** A post whose days are over is not renewed any more: days that nobody saw it are not paid for. */
  change(post: StoredPost, entered: Entered, isAutoRenewed: boolean): void {
    post.entered = entered;
    post.isAutoRenewed = isAutoRenewed && this.isOpen(post);
  }

  /** All there ever were, the oldest first, with what has been renewed until now. */
  all(): readonly StoredPost[] {
    const posts = [...this.stored.posts.values()];
    for (const post of posts) this.renew(post);
    return posts;
  }

  /** Those that candidates see, the newest first. */
  open(): readonly StoredPost[] {
    return this.all()
      .filter((post) => this.isOpen(post))
      .reverse();
  }

  isOpen({ isClosed, paidUntil }: StoredPost): boolean {
    return !isClosed && paidUntil > this.now();
  }

  find(id: number): StoredPost | undefined {
    return this.all().find((post) => post.id === id);
  }

  byEditKey(editKey: string): StoredPost | undefined {
    return this.all().find((post) => post.editKey === editKey);
  }

  /** Each time at the price of the first. */
  private renew(post: StoredPost): void {
    const amount = this.stored.charges.find(({ postId }) => postId === post.id)?.amount ?? this.switches.price;
    while (!post.isClosed && post.isAutoRenewed && post.paidUntil <= this.now()) this.pay(post, post.paidUntil, amount);
  }

  private pay(post: StoredPost, at: Date, amount: number): void {
    this.stored.charges.push({ postId: post.id, amount, at });
    post.paidUntil = new Date(at.getTime() + this.switches.daysPaid * dayMs);
  }
}

/** `1000001-service-engineer-at-muster-bridges` */
export function slugOf({ id, entered: { position, company } }: StoredPost): string {
  const words = `${position} at ${company}`.toLowerCase().replaceAll(/[^a-z\d]+/g, "-");
  return `${id}-${words.replaceAll(/^-|-$/g, "")}`;
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}
