import { registerEnumType } from "type-graphql";

/** A GraphQL enum whose values are their own names. */
export function enumOf<T extends string>(name: string, description: string, values: readonly T[]): Record<T, T> {
  const type = Object.fromEntries(values.map((value) => [value, value])) as Record<T, T>;
  registerEnumType(type, { name, description });
  return type;
}
