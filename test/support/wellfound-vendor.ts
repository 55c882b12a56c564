import { wellfound } from "../../src/providers/job-board/wellfound.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { connectByForm } from "./form-account.ts";

/** Wellfound, which nobody calls: there is nothing to stand in for it. */
export async function createWellfoundVendor(): Promise<BoardVendor> {
  return {
    connect: () => connectByForm(wellfound, {}, { company: "Muster Bridges" }),
    connectWrongly: () => connectByForm(wellfound, {}, { company: " " }),
    secrets: () => [],
    seen: () => [],
    finishReviews: () => {},
    loseAnswer: () => {},
    failNext: () => {},
    failOften: () => () => {},
    stop: async () => {},
  };
}
