import { glassdoor } from "../../src/providers/job-board/glassdoor.ts";
import { describeJobBoardProvider } from "../contract/job-board-provider.ts";
import { createGlassdoorVendor } from "../support/glassdoor-vendor.ts";

describeJobBoardProvider(glassdoor, createGlassdoorVendor);
