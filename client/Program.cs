using OrleansAlign.Client;

return await Cli.RunAsync(args);
