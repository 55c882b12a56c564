import { escapeXml } from "../../soap.ts";

type Secret = Readonly<Record<string, string>>;

/** What stands in a message where something of the account's secret belongs. */
export const places = {
  userName: "{user-name}",
  password: "{password}",
  apiKey: "{api-key}",
} as const;

/** The message with the login and the key in it. Texts of a job cannot look like these: they are escaped. */
export function fillIn(message: string, { userName = "", password = "", easyApplyKey = "" }: Secret): string {
  return message
    .replace(`<wsse:Username>${places.userName}<`, () => `<wsse:Username>${escapeXml(userName)}<`)
    .replace(`<wsse:Password>${places.password}<`, () => `<wsse:Password>${escapeXml(password)}<`)
    .replace(`<ApiKey>${places.apiKey}<`, () => `<ApiKey>${escapeXml(easyApplyKey)}<`);
}
