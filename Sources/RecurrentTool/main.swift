import RecurrentCommand

await Recurrent.main()
