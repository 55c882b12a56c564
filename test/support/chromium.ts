import { type Browser, chromium } from "playwright-core";
import { isInstalled } from "../../sandbox/real-servers/server-process.ts";

/** `apt-get install chromium` */
export const chromiumIsInstalled = isInstalled("chromium");

/** A browser that asks for nothing by itself. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
}
