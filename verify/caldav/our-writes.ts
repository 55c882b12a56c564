import type { Attendee } from "../../src/providers/calendar/provider.ts";
import type { WritableFields } from "../../src/services/event-input.ts";
import { dayOf } from "../converge/days.ts";
import type { Chapter } from "./chapter.ts";
import { at, guests, occurrenceOf } from "./stage.ts";

/** What this service writes. */
export const ourWrites: readonly Chapter[] = [
  {
    name: "created by us",
    async tell({ ours }) {
      await ours.create({ title: "Plain" });
      await ours.create({
        title: 'Gespräch; "Ana, Bo" \\ 面接 <&>',
        description: `One\nTwo, three; ${"日本語の説明".repeat(40)}`,
        location: "Room 7, 2nd floor",
        status: "TENTATIVE",
        transparency: "TRANSPARENT",
        classification: "PRIVATE",
        reminders: [60, 10],
      });
      await ours.create({ title: "With guests", attendees: guests });
      await ours.create({ title: "Whole days", ...allDay });
      await ours.create({
        title: "Across the change of clocks",
        recurrence: ["RRULE:FREQ=MONTHLY;COUNT=12"],
      });
    },
  },
  {
    name: "changed by us",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "First", attendees: guests, description: "Bring a pen" });
      await ours.update(id, { title: "Second" });
      await ours.update(id, { start: at(2, "15:00"), end: at(2, "16:30") });
      await ours.update(id, { attendees: [...guests.slice(1), { ...guests[0], email: "cy@example.net" } as Attendee] });
      await ours.update(id, { description: null, location: "Elsewhere", reminders: [5] });
      const gone = await ours.create({ title: "Gone" });
      await ours.delete(gone.id);
    },
  },
  {
    name: "series: this one",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(
        occurrenceOf(id, at(2, "10:00")),
        { title: "Moved", start: at(2, "14:00"), end: at(2, "15:00") },
        "THIS",
      );
      await ours.update(occurrenceOf(id, at(3, "10:00")), { attendees: guests }, "THIS");
      await ours.delete(occurrenceOf(id, at(4, "10:00")), "THIS");
      await ours.delete(occurrenceOf(id, at(2, "10:00")), "THIS");
    },
  },
  {
    name: "series: this and following",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(occurrenceOf(id, at(2, "10:00")), { title: "Changed before" }, "THIS");
      await ours.update(occurrenceOf(id, at(5, "10:00")), { title: "Changed after" }, "THIS");
      await ours.update(
        occurrenceOf(id, at(4, "10:00")),
        { title: "The rest", start: at(4, "11:00"), end: at(4, "12:00") },
        "THIS_AND_FOLLOWING",
      );
      await ours.delete(occurrenceOf(id, at(3, "10:00")), "THIS_AND_FOLLOWING");
    },
  },
  {
    name: "series: all",
    async tell({ ours }) {
      const { id } = await ours.create({ title: "Daily", ...daily });
      await ours.update(occurrenceOf(id, at(2, "10:00")), { title: "Changed" }, "THIS");
      await ours.delete(occurrenceOf(id, at(3, "10:00")), "THIS");
      await ours.update(id, { start: at(2, "11:30"), end: at(2, "12:00") }, "ALL");
      await ours.update(id, { title: "All of them" }, "ALL");
      const days = await ours.create({ title: "Whole days", ...allDay, recurrence: ["RRULE:FREQ=WEEKLY;COUNT=4"] });
      await ours.delete(occurrenceOf(days.id, { kind: "date", date: dayOf(10) }), "THIS");
    },
  },
];

const daily: Partial<WritableFields> = { recurrence: ["RRULE:FREQ=DAILY;COUNT=6"] };
const allDay: Partial<WritableFields> = {
  start: { kind: "date", date: dayOf(3) },
  end: { kind: "date", date: dayOf(5) },
};
