import { Directive, Field, ID, ObjectType } from "type-graphql";

@ObjectType({ description: "A job of the platform. Owned by another subgraph; this one adds where it is posted." })
@Directive('@key(fields: "id")')
export class Job {
  @Field(() => ID, { description: "The platform's." })
  id!: string;
}
