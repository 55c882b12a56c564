import { caldavProvider } from "./caldav.ts";

/** Calendars of Apple Accounts, with an app-specific password: Apple has no OAuth for them. */
export const icloud = caldavProvider({
  id: "ICLOUD",
  name: "Apple iCloud",
  serverUrl: "https://caldav.icloud.com/",
  // Accounts live at p01-caldav.icloud.com and so on, and are moved among them.
  isOwnHost: (host, main) => host.replace(/^p\d+-/, "") === main,
  help: {
    username: "The e-mail address of the Apple Account.",
    password:
      "An app-specific password, made at account.apple.com. It opens mail, contacts and calendars alike. The password of the account itself is refused.",
  },
  accountUrl: "https://account.apple.com/account/manage",
  loginRemedy:
    "Make an app-specific password at account.apple.com, under Sign-In and Security. All of them end when the password of the Apple Account changes.",
  limits: {
    description:
      "Apple publishes no rate; throttling (429 and 503) is obeyed. 100 calendars, 50,000 events and reminders, 20 MB an event, 300 guests.",
    concurrentCalls: 2,
    cost: "None.",
  },
  freshness: { floorSeconds: 90, defaultSeconds: 300 },
});
