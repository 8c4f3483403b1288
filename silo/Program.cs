return await OrleansAlign.Silo.SiloHost.RunAsync(args).ConfigureAwait(false);
