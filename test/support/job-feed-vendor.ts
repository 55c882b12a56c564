import { jobFeed } from "../../src/providers/job-board/job-feed.ts";
import type { BoardVendor } from "../contract/job-board-provider.ts";
import { connectByForm } from "./form-account.ts";

const entered = {
  publisher: "Muster Bridges",
  publisherUrl: "https://www.example.test",
  sourceName: "muster-bridges",
  linkedInCompanyId: "4711",
};

/** Feeds, which this service has itself: there is nothing to stand in for. */
export async function createJobFeedVendor(): Promise<BoardVendor> {
  return {
    connect: () => connectByForm(jobFeed, {}, entered),
    connectWrongly: () => connectByForm(jobFeed, {}, { ...entered, publisherUrl: "www" }),
    secrets: () => [],
    seen: () => [],
    finishReviews: () => {},
    loseAnswer: () => {},
    failNext: () => {},
    failOften: () => () => {},
    stop: async () => {},
  };
}
