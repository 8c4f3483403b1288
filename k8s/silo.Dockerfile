# The silo's image, from the repository's root: docker build -f k8s/silo.Dockerfile -t align-silo:0.1.0 .
# It computes with the managed engine. --build-arg TORCH=cuda adds the torchsharp engine for GPUs (several gigabytes; of the host it needs NVIDIA's driver and
# container toolkit), TORCH=cpu the same for processors (500 MB).
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ARG TORCH=none

# What decides which packages are restored comes first, so that this layer is made anew only when that changes.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY src/OrleansAlign.Models/OrleansAlign.Models.csproj src/OrleansAlign.Models/
COPY src/OrleansAlign.Core/OrleansAlign.Core.csproj src/OrleansAlign.Core/
COPY src/OrleansAlign.Ledgers/OrleansAlign.Ledgers.csproj src/OrleansAlign.Ledgers/
COPY src/OrleansAlign.Devices/OrleansAlign.Devices.csproj src/OrleansAlign.Devices/
COPY src/OrleansAlign.Grains.Contracts/OrleansAlign.Grains.Contracts.csproj src/OrleansAlign.Grains.Contracts/
COPY src/OrleansAlign.Grains/OrleansAlign.Grains.csproj src/OrleansAlign.Grains/
COPY src/OrleansAlign.TorchSharp/OrleansAlign.TorchSharp.csproj src/OrleansAlign.TorchSharp/
COPY silo/OrleansAlign.Silo.csproj silo/
RUN dotnet restore silo/OrleansAlign.Silo.csproj -p:Torch=$TORCH

COPY .editorconfig ./
COPY src src
COPY silo silo
RUN dotnet publish silo/OrleansAlign.Silo.csproj -c Release -p:Torch=$TORCH --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# Works with a read-only root: it writes to Align:Storage and to /tmp alone.
EXPOSE 11111 30000 8080
USER $APP_UID
ENTRYPOINT ["dotnet", "align-silo.dll"]
