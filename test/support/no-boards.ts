/** For services that meet calendars alone. */
export const noBoards = { read: () => Promise.reject(new Error("There is no job board here")) };
