import { type GraphQLResolveInfo, getNamedType, isEnumType, isInputObjectType } from "graphql";
import { Field, FieldResolver, Info, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { JobFieldView } from "../services/provider-catalogue.ts";
import { enumOf } from "./enum.ts";

const UnitEnum = enumOf("FieldLimitUnit", "What is counted: characters, bytes of UTF-8, or entries of a list.", [
  "CHARACTERS",
  "BYTES",
  "ITEMS",
]);

@ObjectType({ description: "How much a board takes of a field, measured in what is sent." })
export class FieldLimits {
  @Field(() => UnitEnum, { description: "What is counted." })
  unit!: string;

  @Field(() => Int, { nullable: true, description: "The least; null for none." })
  min!: number | null;

  @Field(() => Int, { nullable: true, description: "The most; null for none." })
  max!: number | null;
}

@ObjectType({
  description: "What becomes of a field of `JobInput` at a job board: enough to show the right form for it.",
})
export class JobField {
  @Field(() => String, { description: "The field." })
  name!: string;

  @Field(() => String, { nullable: true, description: "The board's name for it; null when it is not sent." })
  sentAs!: string | null;

  @Field(() => Boolean, { description: "Whether the board refuses a job without it." })
  required!: boolean;

  @Field(() => String, { nullable: true, description: "What the board wants there, or why it is not sent." })
  rule!: string | null;

  @Field(() => FieldLimits, { nullable: true, description: "How much the board takes; null where it takes any." })
  limits!: FieldLimits | null;
}

@Resolver(() => JobField)
export class JobFieldResolver {
  @FieldResolver(() => String, {
    description: "Its type in `JobInput`: `String!`, `EmploymentType`, `[JobLocationInput!]`.",
  })
  type(@Root() { name }: JobFieldView, @Info() info: GraphQLResolveInfo): string {
    return inputField(info, name).type.toString();
  }

  @FieldResolver(() => [String], {
    description: "Of a choice, the values that the board has a word for; empty for a field that is none.",
  })
  options(@Root() { name, options }: JobFieldView, @Info() info: GraphQLResolveInfo): readonly string[] {
    const type = getNamedType(inputField(info, name).type);
    return options ?? (isEnumType(type) ? type.getValues().map((value) => value.name) : []);
  }

  @FieldResolver(() => String, { description: "What it is, for people, whatever the board." })
  help(@Root() { name }: JobFieldView, @Info() info: GraphQLResolveInfo): string {
    return inputField(info, name).description ?? "";
  }
}

/** The form is the input itself: what it says of a field cannot be another thing than what is taken. */
function inputField({ schema }: GraphQLResolveInfo, name: string) {
  const input = schema.getType("JobInput");
  const field = isInputObjectType(input) ? input.getFields()[name] : undefined;
  if (!field) throw new Error(`JobInput has no field "${name}"`);
  return field;
}
