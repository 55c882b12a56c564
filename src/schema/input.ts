import { Arg, type ClassType } from "type-graphql";

/** The one argument of a mutation. */
export function Input(type: () => ClassType): ParameterDecorator {
  return Arg("input", type, { description: "What is to be done." }) as ParameterDecorator;
}
