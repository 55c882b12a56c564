import { setTimeout as delay } from "node:timers/promises";
import type { Refusal, Twin, TwinDoor, TwinReply, TwinRequest } from "./twin.ts";

/** Ways in which any vendor's answers go wrong. */
export const faultNames = [
  "rate-limited",
  "rate-limited-with-retry-after",
  "quota",
  "down",
  "backend-error",
  "unauthorized",
  "cursor-gone",
  "slow",
  "truncated",
  "html",
  "hung-up",
] as const;
export type FaultName = (typeof faultNames)[number];

/** Ways in which a vendor's own messages to us go wrong. */
export const pushFaultNames = ["duplicated", "reordered", "lost"] as const;
export type PushFaultName = (typeof pushFaultNames)[number];

export interface FaultOptions {
  /** Where; the API when left out. */
  readonly on?: TwinDoor;
  /** Only paths that contain this. */
  readonly path?: string;
  /** Only requests of this method: `POST`. */
  readonly method?: string;
  /** The next so many requests; without it, and without `probability`, until it is disarmed. */
  readonly times?: number;
  /** Spares so many requests first. */
  readonly after?: number;
  /** Meets each request with this probability, the same ones for the same seed. */
  readonly probability?: number;
  readonly seed?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
}

/** Closes the connection without an answer. */
export const hangUp = Symbol("hang up");

interface Armed {
  readonly fault: FaultName;
  readonly options: FaultOptions;
  readonly random: () => number;
  passed: number;
  met: number;
}

/** The faults that are armed for one twin. */
export class Faults {
  private readonly armed = new Set<Armed>();
  private readonly push = new Map<PushFaultName, { probability: number; random: () => number }>();

  constructor(private readonly twin: Pick<Twin, "refuse" | "doorOf" | "continuesFromCursor">) {}

  /** @returns how to disarm it */
  arm(fault: FaultName, options: FaultOptions = {}): () => void {
    const armed = { fault, options, random: randomFrom(options.seed ?? 1), passed: 0, met: 0 };
    this.armed.add(armed);
    return () => {
      this.armed.delete(armed);
    };
  }

  /** @param probability of each message to be met */
  armPush(fault: PushFaultName, { probability = 1, seed = 1 } = {}): () => void {
    this.push.set(fault, { probability, random: randomFrom(seed) });
    return () => {
      this.push.delete(fault);
    };
  }

  disarmAll(): void {
    this.armed.clear();
    this.push.clear();
  }

  meets(fault: PushFaultName): boolean {
    const armed = this.push.get(fault);
    return armed !== undefined && armed.random() < armed.probability;
  }

  /** The answer, or what a fault makes of it. */
  async answer(request: TwinRequest, answer: () => Promise<TwinReply>): Promise<TwinReply | typeof hangUp> {
    const door = this.twin.doorOf(request);
    const met = [...this.armed].find((armed) => this.isMet(armed, request, door));
    if (!met) return answer();
    const { fault, options } = met;
    switch (fault) {
      case "slow":
        await delay(options.delayMs ?? 1000);
        return answer();
      case "truncated": {
        const whole = await answer();
        return { ...whole, body: (whole.body ?? "").slice(0, (whole.body ?? "").length / 2) };
      }
      case "html":
        return { status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sign in</title>" };
      case "hung-up":
        return hangUp;
      case "rate-limited-with-retry-after": {
        const refused = this.twin.refuse("rate-limited", door);
        const headers = { ...refused.headers, "retry-after": String(options.retryAfterSeconds ?? 7) };
        return { ...refused, headers };
      }
      default:
        return this.twin.refuse(fault satisfies Refusal, door);
    }
  }

  private isMet(armed: Armed, request: TwinRequest, door: TwinDoor): boolean {
    const { on = "api", path, method, times, after = 0, probability } = armed.options;
    if (on !== door || (path !== undefined && !request.path.includes(path))) return false;
    if (method !== undefined && request.method !== method) return false;
    if (armed.fault === "cursor-gone" && !this.twin.continuesFromCursor(request)) return false;
    if (armed.passed < after) {
      armed.passed += 1;
      return false;
    }
    if (times !== undefined && armed.met >= times) return false;
    if (probability !== undefined && armed.random() >= probability) return false;
    armed.met += 1;
    return true;
  }
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
