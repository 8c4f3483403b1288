# The client's image, from the repository's root: docker build -f k8s/client.Dockerfile -t align-client:0.1.0 .
# It holds no libtorch: silos compute, and what the client computes by itself it computes with the managed engine.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# What decides which packages are restored comes first, so that this layer is made anew only when that changes.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/OrleansAlign.Models/OrleansAlign.Models.csproj src/OrleansAlign.Models/
COPY src/OrleansAlign.Core/OrleansAlign.Core.csproj src/OrleansAlign.Core/
COPY src/OrleansAlign.Ledgers/OrleansAlign.Ledgers.csproj src/OrleansAlign.Ledgers/
COPY src/OrleansAlign.Embedded/OrleansAlign.Embedded.csproj src/OrleansAlign.Embedded/
COPY src/OrleansAlign.Grains.Contracts/OrleansAlign.Grains.Contracts.csproj src/OrleansAlign.Grains.Contracts/
COPY src/OrleansAlign.TorchSharp/OrleansAlign.TorchSharp.csproj src/OrleansAlign.TorchSharp/
COPY client/OrleansAlign.Client.csproj client/
RUN dotnet restore client/OrleansAlign.Client.csproj -p:Torch=none

COPY .editorconfig ./
COPY recipes recipes
COPY src src
COPY client client
RUN dotnet publish client/OrleansAlign.Client.csproj -c Release -p:Torch=none --no-restore -o /app

FROM mcr.microsoft.com/dotnet/runtime:10.0
WORKDIR /work
COPY --from=build /app /app
# Works with a read-only root: it writes to the working directory (mount one at /work) and to /tmp alone.
USER $APP_UID
ENTRYPOINT ["dotnet", "/app/align.dll"]
