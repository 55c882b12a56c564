import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import type { StoredTime } from "./calendar-event.ts";

/** When something happens, for every single and every occurrence of a series within the stored window. */
@Entity("calendar_occurrence")
@Index("calendar_occurrence_start", ["tenantId", "calendarId", "startAt"])
@Index("calendar_occurrence_long", ["tenantId", "calendarId", "endAt"], { where: "long" })
@Index("calendar_occurrence_detail", ["tenantId", "detailId"])
export class CalendarOccurrence {
  @PrimaryColumn("text", { name: "tenant_id", primaryKeyConstraintName: "calendar_occurrence_pkey" })
  tenantId!: string;

  /** The single, the master of the series, or an occurrence whose master is unknown. */
  @PrimaryColumn("uuid", { name: "event_id", primaryKeyConstraintName: "calendar_occurrence_pkey" })
  eventId!: string;

  /** Original start of an occurrence of a series; empty otherwise. */
  @PrimaryColumn("text", { name: "recurrence_key", primaryKeyConstraintName: "calendar_occurrence_pkey" })
  recurrenceKey!: string;

  /** The row that describes it: a changed occurrence has its own, all others have `eventId`. */
  @Column("uuid", { name: "detail_id" })
  detailId!: string;

  @Column("uuid", { name: "calendar_id" })
  calendarId!: string;

  @Column("timestamptz", { name: "start_at" })
  startAt!: Date;

  /** Exclusive. */
  @Column("timestamptz", { name: "end_at" })
  endAt!: Date;

  /** Longer than 31 days; such are few and have an index of their own. */
  @Column("boolean")
  long!: boolean;

  @Column("jsonb")
  start!: StoredTime;

  @Column("jsonb")
  end!: StoredTime;
}
