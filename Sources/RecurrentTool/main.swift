import RecurrentCommand

await RootCommand.runAndExit()
