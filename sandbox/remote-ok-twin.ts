import { type FaultName, type FaultOptions, Faults } from "./faults.ts";
import { addressOf, answerPage, enteredIn } from "./remote-ok/pages.ts";
import { Posts } from "./remote-ok/posts.ts";
import { publicList } from "./remote-ok/public-list.ts";
import { emptyRemoteOkState, type StoredCharge, type StoredPost } from "./remote-ok/state.ts";
import { defaultSwitches, type RemoteOkSwitches } from "./remote-ok/switches.ts";
import {
  html,
  json,
  type Refusal,
  type Twin,
  type TwinDoor,
  type TwinOptions,
  type TwinReply,
  type TwinRequest,
} from "./twin.ts";

interface PostAddresses {
  readonly id: number;
  /** Where candidates see it. */
  readonly url: string;
  /** As it is mailed to whoever posted it: who has it may edit the post. */
  readonly editUrl: string;
}

/** Remote OK: a form in which people post and pay, what candidates see, and the public list that programs may read. */
export class RemoteOkTwin implements Twin {
  readonly name = "remote-ok";
  readonly title = "Remote OK";
  readonly pages = { "/hire-remotely": "Post a job", "/jobs": "Look at the jobs as a candidate" };
  readonly faults = new Faults(this);
  readonly switches: RemoteOkSwitches = defaultSwitches();
  readonly commands: Twin["commands"];
  private readonly stored = emptyRemoteOkState();
  private readonly posts: Posts;
  private readonly origin: () => string;

  constructor({ now, origin }: TwinOptions) {
    this.origin = origin;
    this.posts = new Posts(this.stored, this.switches, now);
    this.commands = {
      "post-job": ({ autoRenew, ...words }) => this.post(words, autoRenew !== false),
      "change-job": ({ id, autoRenew, ...words }) =>
        this.change(Number(id), words, typeof autoRenew === "boolean" ? autoRenew : undefined),
      "close-job": ({ id }) => this.close(Number(id)),
      jobs: () => this.jobs(),
      charges: () => this.charges(),
      "set-switches": (words) => Object.assign(this.switches, words),
    };
  }

  settings(origin: string): Readonly<Record<string, string>> {
    return { REMOTE_OK_BASE_URL: `${origin}/` };
  }

  doorOf({ path }: TwinRequest): TwinDoor {
    return path === "/api" ? "api" : "page";
  }

  /** There is no cursor. */
  continuesFromCursor(): boolean {
    return false;
  }

  async handle(request: TwinRequest): Promise<TwinReply> {
    const { path, method, headers } = request;
    if (path !== "/api") return answerPage(request, this.posts, this.origin()) ?? html(404, "<h1>Not found</h1>");
    if (method !== "GET") return json(405, { error: "This list can be read alone" });
    const isNamed = (headers["user-agent"] ?? "").length > 5 && headers["user-agent"] !== "node";
    if (this.switches.wantsUserAgent && !isNamed) return html(403, "<h1>Say who you are</h1>");
    return json(200, publicList(this.posts.open(), this.switches, this.origin()));
  }

  refuse(refusal: Refusal): TwinReply {
    switch (refusal) {
      case "rate-limited":
      case "quota":
        return html(429, "<h1>Too many requests</h1>");
      case "down":
        return html(503, "<h1>Remote OK is down</h1>");
      case "unauthorized":
        return html(403, "<h1>Forbidden</h1>");
      default:
        return html(500, "<h1>Something went wrong</h1>");
    }
  }

  readonly state = {
    load: (kept: unknown): void => void Object.assign(this.stored, kept),
    save: (): unknown => this.stored,
  };

  /** Nobody has one: posts are known by the mail about them. */
  readonly accounts = (): readonly string[] => [];

  /** As a person does in the form. */
  post(words: Readonly<Record<string, unknown>>, isAutoRenewed = true): PostAddresses {
    const entered = enteredIn(words);
    const problem = this.posts.problemIn(entered);
    if (problem !== null) throw new Error(problem);
    const post = this.posts.post(entered, isAutoRenewed);
    return this.addressesOf(post);
  }

  /** As a person does on the edit page. What is not said stays as it is. */
  change(id: number, words: Readonly<Record<string, unknown>>, isAutoRenewed?: boolean): PostAddresses {
    const post = this.known(id);
    const entered = enteredIn({ ...post.entered, ...words });
    const problem = this.posts.problemIn(entered);
    if (problem !== null) throw new Error(problem);
    this.posts.change(post, entered, isAutoRenewed ?? post.isAutoRenewed);
    return this.addressesOf(post);
  }

  /** As a person does on the edit page. */
  close(id: number): void {
    this.known(id).isClosed = true;
  }

  /** Everything that was ever posted, the oldest first. */
  jobs(): readonly StoredPost[] {
    return this.posts.all();
  }

  /** What was paid, with renewals until now. */
  charges(): readonly StoredCharge[] {
    this.posts.all();
    return this.stored.charges;
  }

  issuedSecrets(): readonly string[] {
    return this.jobs().map(({ editKey }) => editKey);
  }

  /** @returns how to end it */
  fail(fault: FaultName, options: FaultOptions = {}): () => void {
    return this.faults.arm(fault, options);
  }

  private addressesOf(post: StoredPost): PostAddresses {
    return { id: post.id, url: addressOf(this.origin(), post), editUrl: `${this.origin()}/edit/${post.editKey}` };
  }

  private known(id: number): StoredPost {
    const post = this.posts.find(id);
    if (!post) throw new Error(`There is no post ${id}`);
    return post;
  }
}
