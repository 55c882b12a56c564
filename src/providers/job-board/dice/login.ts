/** All that the body of a mail has, with places for a batch login. No text of a job comes near them. */
export const login = "username: {username}\npassword: {password}\n";

export function fillIn(message: string, { username = "", password = "" }: Readonly<Record<string, string>>): string {
  return message.replace(/\{(?:username|password)\}/g, (place) => (place === "{username}" ? username : password));
}
