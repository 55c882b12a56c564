import { describe, expect, it } from "vitest";
import { anOutlook, hour } from "../support/graph-client.ts";

const property = "String {1b2e6f0a-6a0e-4c5e-9a5e-2f3d9f1c7a11} Name platform";

describe("an event", () => {
  it("is created with 201, read, changed and deleted, and then not found", async () => {
    const { ana } = await anOutlook();
    const created = await ana.post("/me/events", { subject: "Interview", ...hour(2) });
    expect(created.status).toBe(201);
    const path = `/me/events/${created.body.id}`;
    expect((await ana.get(path)).body).toMatchObject({
      "@odata.etag": created.body["@odata.etag"],
      type: "singleInstance",
      subject: "Interview",
      isOrganizer: true,
      organizer: { emailAddress: { address: "ana@example.test" } },
      responseStatus: { response: "organizer", time: "0001-01-01T00:00:00Z" },
    });
    expect((await ana.patch(path, { subject: "Changed" })).body.subject).toBe("Changed");
    expect((await ana.delete(path)).status).toBe(204);
    const again = await ana.delete(path);
    expect([again.status, again.body.error.code]).toEqual([404, "ErrorItemNotFound"]);
  });

  it("is reached below /users too, by its owner alone, and can be purged there", async () => {
    const { twin, ana } = await anOutlook();
    twin.createAccount({ email: "bo@example.test" });
    const { id } = await ana.create({ subject: "One", ...hour(2) });
    expect((await ana.get(`/users/${ana.email}/events/${id}`)).status).toBe(200);
    expect((await ana.get("/users/bo@example.test/events")).body.error.code).toBe("ErrorAccessDenied");
    expect((await ana.post(`/users/${ana.email}/events/${id}/permanentDelete`)).status).toBe(204);
    expect((await ana.get(`/me/events/${id}`)).status).toBe(404);
  });

  it("has another etag and change key after every edit, and is not overwritten under an old one", async () => {
    const { ana } = await anOutlook();
    const { id, changeKey, "@odata.etag": etag } = await ana.create({ subject: "One", ...hour(2) });
    expect(etag).toBe(`W/"${changeKey}"`);
    const path = `/me/events/${id}`;
    const second = await ana.patch(path, { showAs: "free" }, { "if-match": etag });
    expect(second.body.changeKey).not.toBe(changeKey);
    const late = await ana.patch(path, { subject: "Late" }, { "if-match": etag });
    expect([late.status, late.body.error.code]).toEqual([412, "ErrorIrresolvableConflict"]);
    expect((await ana.delete(path, { "if-match": etag })).status).toBe(412);
    expect((await ana.delete(path, { "if-match": second.body["@odata.etag"] })).status).toBe(204);
  });

  it("can be refused with 412 although nobody asked for a version", async () => {
    const { twin, ana } = await anOutlook();
    const { id } = await ana.create({ subject: "One", ...hour(2) });
    twin.switches.conflictEvery = 2;
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await ana.patch(`/me/events/${id}`, { subject: "Two" })).status);
    expect(statuses).toEqual([200, 412, 200, 412]);
  });

  it("is there once however often it is posted with the same transactionId", async () => {
    const { ana } = await anOutlook();
    const event = { subject: "Once", transactionId: "4d0d5c2e", ...hour(2) };
    const [first, second] = [await ana.post("/me/events", event), await ana.post("/me/events", event)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).toBe(first.body.id);
    expect(first.body.transactionId).toBe("4d0d5c2e");
    expect((await ana.get("/me/events")).body.value.length).toBe(1);
  });

  it("has an id that differs from another one's in the case of a letter only", async () => {
    const { ana } = await anOutlook();
    const ids: string[] = [];
    for (const day of [2, 3, 4]) ids.push((await ana.create({ subject: String(day), ...hour(day) })).id);
    expect(new Set(ids).size).toBe(3);
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(2);
  });

  it("is listed ten to a page, and asked for by time and order", async () => {
    const { ana } = await anOutlook();
    for (let day = 1; day <= 12; day += 1) await ana.create({ subject: `Day ${day}`, ...hour(day) });
    expect((await ana.pages("/me/events")).map(({ value }) => value.length)).toEqual([10, 2]);
    const filter = encodeURIComponent("start/dateTime ge '2026-03-11T00:00:00'");
    const { body } = await ana.get(`/me/events?$filter=${filter}&$orderby=start/dateTime desc&$select=subject`);
    expect(body.value.map(({ subject }: { subject: string }) => subject)).toEqual(["Day 12", "Day 11"]);
    expect((await ana.get("/me/events?$filter=foo(bar)")).body.error.code).toBe("ErrorInvalidUrlQueryFilter");
  });

  it("shows what was selected, beside its id and etag", async () => {
    const { ana } = await anOutlook();
    const { id } = await ana.create({ subject: "One", ...hour(2) });
    const { body } = await ana.get(`/me/events/${id}?$select=subject,uid`);
    expect(Object.keys(body).sort()).toEqual(["@odata.context", "@odata.etag", "id", "subject", "uid"]);
    expect((await ana.get(`/me/events/${id}?$select=nonsense`)).status).toBe(400);
  });

  it.each([
    { body: {}, code: "ErrorPropertyValidationFailure" },
    { body: { start: hour(2).end, end: hour(2).start }, code: "ErrorPropertyValidationFailure" },
    { body: { ...hour(2), showAs: "asleep" }, code: "ErrorPropertyValidationFailure" },
    { body: { ...hour(2), title: "?" }, code: "RequestBodyRead" },
    { body: hour(2, 9, { zone: "Mars Standard Time" }), code: "TimeZoneNotSupportedException" },
    { body: { ...hour(2), isAllDay: true }, code: "ErrorPropertyValidationFailure" },
  ])("is refused as $code: $body", async ({ body, code }) => {
    const { ana } = await anOutlook();
    const reply = await ana.post("/me/events", body);
    expect([reply.status, reply.body.error.code]).toEqual([400, code]);
  });
});

describe("times", () => {
  it("are UTC unless a zone is preferred, have no offset and seven digits, and the preference is said", async () => {
    const { ana } = await anOutlook();
    const event = await ana.create({ subject: "Nine in Berlin", ...hour(2) });
    expect(event.start).toEqual({ dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" });
    expect(event.originalStartTimeZone).toBe("W. Europe Standard Time");
    for (const [zone, clock] of [
      ["Pacific Standard Time", "2026-03-02T00:00:00.0000000"],
      ["Europe/Berlin", "2026-03-02T09:00:00.0000000"],
    ]) {
      const prefer = `outlook.timezone="${zone}", outlook.body-content-type="text"`;
      const { body, headers } = await ana.get(`/me/events/${event.id}`, prefer);
      expect(body.start).toEqual({ dateTime: clock, timeZone: zone });
      expect(headers.get("preference-applied")).toBe(prefer);
    }
    const { body } = await ana.get(`/me/events/${event.id}`, 'outlook.timezone="Mars"');
    expect(body.error.code).toBe("TimeZoneNotSupportedException");
  });

  it("may be written with IANA names, which are read back as Windows'", async () => {
    const { ana } = await anOutlook();
    const event = await ana.create({ subject: "Kyiv", ...hour(2, 9, { zone: "Europe/Kiev" }) });
    expect(event).toMatchObject({
      originalStartTimeZone: "FLE Standard Time",
      start: { dateTime: "2026-03-02T07:00:00.0000000" },
    });
  });

  it("can have been written in a zone that is nobody's", async () => {
    const { twin, ana } = await anOutlook();
    const { id } = await ana.create({ subject: "Odd", ...hour(2) });
    twin.mailboxes.nameZone(ana.email, id, "tzone://Microsoft/Custom");
    expect((await ana.get(`/me/events/${id}`)).body).toMatchObject({
      originalStartTimeZone: "tzone://Microsoft/Custom",
      start: { dateTime: "2026-03-02T08:00:00.0000000", timeZone: "UTC" },
    });
  });

  it("of whole days are midnight in whatever zone is preferred", async () => {
    const { ana } = await anOutlook();
    const midnight = (day: string) => ({ dateTime: `2026-03-${day}T00:00:00`, timeZone: "Tokyo Standard Time" });
    const event = await ana.create({ subject: "Fair", isAllDay: true, start: midnight("02"), end: midnight("04") });
    for (const zone of ["UTC", "Pacific Standard Time", "Tokyo Standard Time"]) {
      const { body } = await ana.get(`/me/events/${event.id}`, `outlook.timezone="${zone}"`);
      expect(body.start).toEqual({ dateTime: "2026-03-02T00:00:00.0000000", timeZone: zone });
      expect(body.end).toEqual({ dateTime: "2026-03-04T00:00:00.0000000", timeZone: zone });
    }
  });
});

describe("a body", () => {
  it("comes back as a page of HTML, as text for whoever prefers it, and shortened as a preview", async () => {
    const { ana } = await anOutlook();
    const text = "Tom & <b>\nSecond line";
    const event = await ana.create({ subject: "Notes", body: { contentType: "text", content: text }, ...hour(2) });
    expect(event.body.contentType).toBe("html");
    expect(event.body.content).toMatch(/^<html><head>[\s\S]*<body>[\s\S]*Tom &amp; &lt;b&gt;[\s\S]*<\/body><\/html>/);
    const { body } = await ana.get(`/me/events/${event.id}`, 'outlook.body-content-type="text"');
    expect(body.body).toEqual({ contentType: "text", content: "Tom & <b>\r\nSecond line" });
    expect(body.bodyPreview).toBe("Tom & <b>\r\nSecond line");
  });

  it("holds the way into a Teams meeting, which is lost with a body that leaves it out", async () => {
    const { ana } = await anOutlook();
    const meeting = { subject: "Call", isOnlineMeeting: true, onlineMeetingProvider: "teamsForBusiness" };
    const event = await ana.create({ ...meeting, body: { contentType: "text", content: "Questions" }, ...hour(2) });
    const { joinUrl } = event.onlineMeeting;
    expect(event.body.content).toContain(joinUrl);
    const path = `/me/events/${event.id}`;
    const kept = event.body.content.replace("Questions", "Other questions");
    const second = await ana.patch(path, { body: { contentType: "html", content: kept }, isOnlineMeeting: false });
    expect(second.body).toMatchObject({ isOnlineMeeting: true, onlineMeeting: { joinUrl } });
    expect(second.body.bodyPreview).toContain("Other questions");
    const third = await ana.patch(path, { body: { contentType: "text", content: "Only mine" } });
    expect(third.body).toMatchObject({ isOnlineMeeting: false, onlineMeeting: null });
  });

  it("can lose the link and keep the meeting, and the link can come later", async () => {
    const { twin, ana } = await anOutlook();
    twin.switches.bodyWithoutBlockEndsMeeting = false;
    twin.switches.joinUrlComesLater = true;
    const event = await ana.create({ subject: "Call", isOnlineMeeting: true, ...hour(2) });
    expect(event).toMatchObject({ isOnlineMeeting: true, onlineMeeting: null });
    await ana.patch(`/me/events/${event.id}`, { body: { contentType: "text", content: "Only mine" } });
    const { body } = await ana.get(`/me/events/${event.id}`);
    expect(body.onlineMeeting.joinUrl).toMatch(/^https:\/\/teams\.microsoft\.com\//);
    expect(body.body.content).not.toContain(body.onlineMeeting.joinUrl);
  });
});

describe("an extended property", () => {
  const ours = { subject: "Ours", singleValueExtendedProperties: [{ id: property, value: "Request-1" }], ...hour(2) };

  it("is shown to those only who expand it by its id", async () => {
    const { ana } = await anOutlook();
    const event = await ana.create(ours);
    expect(event).not.toHaveProperty("singleValueExtendedProperties");
    const expand = (id: string) => `$expand=singleValueExtendedProperties($filter=id eq '${id}')`;
    const { body } = await ana.get(`/me/events/${event.id}?${expand(property)}`);
    expect(body.singleValueExtendedProperties).toEqual([{ id: property, value: "Request-1" }]);
    const other = await ana.get(`/me/events/${event.id}?${expand(property.toUpperCase())}`);
    expect(other.body).not.toHaveProperty("singleValueExtendedProperties");
  });

  it("finds its event, the value in any case and the name in its own", async () => {
    const { ana } = await anOutlook();
    await ana.create({ subject: "Another", ...hour(3) });
    const event = await ana.create(ours);
    const found = async (id: string, value: string) => {
      const filter = `singleValueExtendedProperties/Any(ep: ep/id eq '${id}' and ep/value eq '${value}')`;
      const { body } = await ana.get(`/me/events?$filter=${encodeURIComponent(filter)}`);
      return body.value.map((one: { id: string }) => one.id);
    };
    expect(await found(property, "request-1")).toEqual([event.id]);
    expect(await found(property.replace("platform", "Platform"), "request-1")).toEqual([]);
  });
});
