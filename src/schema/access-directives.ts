import { Directive } from "type-graphql";
import type { Scope } from "../services/viewer.ts";

/** Tells routers that enforce it which scope a field needs. The service checks by itself, whatever a router does. */
export function Scopes(scope: Scope): MethodDecorator {
  return Directive(`@requiresScopes(scopes: [["${scope}"]])`) as MethodDecorator;
}

/** Tells routers that enforce it that a field needs a caller who is signed in. */
export function Authenticated(): MethodDecorator {
  return Directive("@authenticated") as MethodDecorator;
}

/** Reads weeks of calendars of many people, and may call their providers. */
export function AsksVendors(): MethodDecorator {
  return Directive("@cost(weight: 1000)") as MethodDecorator;
}

/** Costs more than reading a field: it writes here, and calls a provider. */
export function Costly(): MethodDecorator {
  return Directive("@cost(weight: 50)") as MethodDecorator;
}
