import type { Mailbox } from "./state.ts";

/** A person as the API shows them. https://learn.microsoft.com/en-us/graph/api/user-get */
export function shownMailbox(mailbox: Mailbox, query: URLSearchParams, context: string): Record<string, unknown> {
  const { userId, name, email, isPersonal, hasMailbox } = mailbox;
  const [givenName = name, ...others] = name.split(" ");
  const whole: Record<string, unknown> = {
    id: userId,
    displayName: name,
    givenName,
    surname: others.join(" "),
    // Without a licence, and at outlook.com, there is only the name that one signs in with.
    mail: isPersonal || !hasMailbox ? null : email,
    userPrincipalName: email,
    businessPhones: [],
    jobTitle: null,
    mobilePhone: null,
    officeLocation: null,
    preferredLanguage: null,
  };
  const select = query.get("$select");
  const names = select === null ? Object.keys(whole) : select.split(",").filter((one) => one in whole);
  return { "@odata.context": context, ...Object.fromEntries(names.map((one) => [one, whole[one]])) };
}
