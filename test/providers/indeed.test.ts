import { indeed } from "../../src/providers/job-board/indeed.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { createIndeedVendor } from "../support/indeed-vendor.ts";

describeJobBoardProvider(indeed, createIndeedVendor);
