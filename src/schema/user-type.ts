import { Directive, Field, ID, ObjectType } from "type-graphql";

@ObjectType({
  description: "A user of the platform. Owned by another subgraph; this one adds what the user has connected.",
})
@Directive('@key(fields: "id")')
export class User {
  @Field(() => ID, { description: "The platform's." })
  id!: string;
}
