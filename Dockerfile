# docker build -t rftconsole .
# docker run -p 5443:5443 -v rftconsole:/data --security-opt seccomp=unconfined --security-opt apparmor=unconfined rftconsole --hosts console.example
# The first start prints the set-up link and the certificate's fingerprint. Reward functions run in bubblewrap, which makes namespaces of its own:
# hence the two options; without them jobs with custom code are refused, and all else works.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props .editorconfig ./
COPY build/ build/
COPY wwwroot-assets/ wwwroot-assets/
COPY RftConsole.Training/ RftConsole.Training/
COPY RftConsole.Web/ RftConsole.Web/
RUN dotnet publish RftConsole.Web/RftConsole.Web.csproj -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip bubblewrap && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 console && install -d -o console -m 700 /data
COPY --from=build /app /app
USER console
WORKDIR /app
VOLUME /data
EXPOSE 5443
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "RftConsole.Web.dll", "--data", "/data", "--urls", "https://0.0.0.0:5443"]
