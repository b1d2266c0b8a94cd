var app = WebApplication.CreateBuilder(args).Build();
app.Run();

/// <summary>The console's entry point, public for the tests' host.</summary>
public partial class Program;
