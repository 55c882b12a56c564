import { Directive, Field, ID, ObjectType } from "type-graphql";
import { DateTimeScalar, TimeZoneScalar } from "./scalars.ts";

@ObjectType({ description: "One calendar of a connected account." })
@Directive('@key(fields: "id")')
export class Calendar {
  @Field(() => ID, { description: "Ours." })
  id!: string;

  @Field(() => String, { description: "The vendor's." })
  externalId!: string;

  @Field(() => String, { description: "As the vendor shows it." })
  name!: string;

  @Field(() => Boolean, { description: "Whether events can be created in it." })
  writable!: boolean;

  @Field(() => Boolean, { description: "Whether it is the one the account's owner books in." })
  primary!: boolean;

  @Field(() => Boolean, { description: "Whether it is mirrored." })
  selected!: boolean;

  @Field(() => TimeZoneScalar, { nullable: true, description: "Where the vendor names one." })
  timeZone!: string | null;

  @Field(() => String, { nullable: true, description: "As the vendor gives it, usually `#rrggbb`." })
  color!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: "When it was last read to the end." })
  lastSyncedAt!: Date | null;
}
