import { IntegrationError } from "../../../errors.ts";

type Values = Readonly<Record<string, string>>;

/** @throws {IntegrationError} INVALID_INPUT with the field */
export function required(values: Values, name: string): string {
  const value = values[name];
  if (value === undefined || value.trim() === "") {
    throw new IntegrationError("INVALID_INPUT", "This field is needed", {
      field: [name],
      remedy: `Give a credential named ${name}.`,
    });
  }
  return value;
}

/**
 * What people type for `serverUrl`: often without a scheme, sometimes with blanks around it.
 *
 * @throws {IntegrationError} INVALID_INPUT with the field
 */
export function readServerUrl(entered: string): string {
  const text = entered.trim();
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new IntegrationError("INVALID_INPUT", "This is not the address of a server", {
      field: ["serverUrl"],
      remedy: "Enter an address such as https://calendar.example.com, without a user name or password in it.",
    });
  }
  url.hash = "";
  return url.href;
}

/**
 * What proves an account: its password or, at servers that want one in its place, a bearer token.
 *
 * @throws {IntegrationError} INVALID_INPUT with the field
 */
export function readSecret(values: Values): Readonly<Record<string, string>> {
  const username = required(values, "username").trim();
  const token = values["token"]?.trim() ?? "";
  if (token === "") return { username, password: required(values, "password") };
  if (values["password"] !== undefined && values["password"] !== "") {
    throw new IntegrationError("INVALID_INPUT", "A password and a token cannot both be used", { field: ["token"] });
  }
  if (!tokenPattern.test(token)) {
    throw new IntegrationError("INVALID_INPUT", "This is not a bearer token", { field: ["token"] });
  }
  return { username, token };
}

/** RFC 6750 §2.1. */
const tokenPattern = /^[\w.~+/-]+=*$/;

/** The `Authorization` header of a secret. */
export function authorizationOf(secret: Values): string {
  return secret["token"] === undefined ? basic(secret) : `Bearer ${secret["token"]}`;
}

/** RFC 7617 with UTF-8, which is what servers expect. */
export function basic({ username = "", password = "" }: Values): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}
