using AngleSharp.Dom;

using Bunit;

using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

using MudBlazor;
using MudBlazor.Services;

using RftConsole.Tests.Components.Fakes;
using RftConsole.Web.Api.Keys;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;
using RftConsole.Web.Evaluation;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;
using RftConsole.Web.Notifications;
using RftConsole.Web.Rewards;
using RftConsole.Web.Samples;
using RftConsole.Web.Security;
using RftConsole.Web.Settings;

namespace RftConsole.Tests.Components;

/// <summary>A page with the fakes behind it, asked as a user would: by labels and the text of buttons.</summary>
public abstract class PageContext : BunitContext
{
    private IRenderedComponent<IComponent>? _shown;

    protected PageContext()
    {
        DefaultWaitTimeout = TimeSpan.FromSeconds(20);
        JSInterop.Mode = JSRuntimeMode.Loose;
        Charts = JSInterop.SetupModule("./assets/charts.js");
        Charts.Mode = JSRuntimeMode.Loose;
        Editor = JSInterop.SetupModule("./assets/editor.js");
        Editor.Mode = JSRuntimeMode.Loose;
        Drafts = JSInterop.SetupModule("./Components/Drafts/Draft.razor.js");
        Drafts.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton<IJobs>(Jobs);
        Services.AddSingleton<IRollouts>(Jobs);
        Services.AddSingleton<ICustomModels>(Models);
        Services.AddSingleton<IDeployments>(Deployments);
        Services.AddSingleton<SampleJobs>();
        Services.AddSingleton<IPlayground>(Playground);
        Services.AddSingleton<IValidationSets>(Comparison);
        Services.AddSingleton<IModelComparison>(Comparison);
        Services.AddSingleton<IApiKeys>(ApiKeys);
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton<IUsage>(Usage);
        Services.AddSingleton<IDataSets>(DataSets);
        Services.AddSingleton<IDataSetVersions>(Versions = new(DataSets));
        Services.AddSingleton<IDataSetEncryption>(DataSetEncryption);
        Services.AddSingleton<IRewardCode>(RewardCode);
        Services.AddSingleton<IRewardTrial>(RewardTrial);
        Services.AddSingleton<IRewardLibrary>(RewardLibrary);
        Services.AddSingleton<IJudgeEndpoints>(JudgeEndpoints);
        Services.AddSingleton<IEncryptionKeys>(EncryptionKeys);
        Services.AddSingleton<IGradedExamples>(Examples);
        Services.AddSingleton<INotifications>(Notifications);
        Services.AddSingleton<IWebhook>(Notifications);
        Services.AddSingleton<IHyperparameterDefaults>(Settings);
        Services.AddSingleton<IComputeThreads>(Settings);
        Services.AddSingleton<IDataFolderUse>(Settings);
        Services.AddSingleton<IBaseModels>(Catalogue);
        Services.AddSingleton<IHubSettings>(Catalogue);
        Services.AddSingleton<IUploads>(Uploads);
        Services.AddSingleton<IUploadLimit>(Uploads);
        Services.AddSingleton<IInvocationLogs>(Logs = new(DataSets));
        S3 = new(DataSets);
        Services.AddSingleton<IS3Data>(S3);
        Services.AddSingleton<IS3Settings>(S3);
    }

    protected FakeJobs Jobs { get; } = new();

    protected FakeModels Models { get; } = new();

    protected FakeDeployments Deployments { get; } = new();

    protected FakeApiKeys ApiKeys { get; } = new();

    protected FakeUsage Usage { get; } = new();

    protected FakeDataSets DataSets { get; } = new();

    protected FakeDataSetVersions Versions { get; }

    protected FakeDataSetEncryption DataSetEncryption { get; } = new();

    protected FakeUploads Uploads { get; } = new();

    protected FakeInvocationLogs Logs { get; }

    protected FakeS3 S3 { get; }

    protected FakeBaseModels Catalogue { get; } = new();

    protected FakePlayground Playground { get; } = new();

    protected FakeComparison Comparison { get; } = new();

    protected FakeRewardCode RewardCode { get; } = new();

    protected FakeRewardTrial RewardTrial { get; } = new();

    protected FakeRewardLibrary RewardLibrary { get; } = new();

    protected FakeJudgeEndpoints JudgeEndpoints { get; } = new();

    protected FakeEncryptionKeys EncryptionKeys { get; } = new();

    protected FakeGradedExamples Examples { get; } = new();

    protected FakeNotifications Notifications { get; } = new();

    protected FakeSettings Settings { get; } = new();

    protected BunitJSModuleInterop Charts { get; }

    protected BunitJSModuleInterop Editor { get; }

    protected BunitJSModuleInterop Drafts { get; }

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    protected IRenderedComponent<IComponent> Page => _shown ?? throw new InvalidOperationException("Show a page first.");

    /// <summary>The address without the host.</summary>
    protected string Address => "/" + Navigation.ToBaseRelativePath(Navigation.Uri);

    protected void Show<TPage>(string address, params (string Name, object Value)[] parameters)
        where TPage : IComponent
    {
        Navigation.NavigateTo(address);
        _shown = Render(builder =>
        {
            builder.OpenComponent<MudPopoverProvider>(0);
            builder.CloseComponent();
            builder.OpenComponent<MudDialogProvider>(1);
            builder.CloseComponent();
            builder.OpenComponent<TPage>(2);
            foreach ((string name, object value) in parameters)
            {
                builder.AddComponentParameter(3, name, value);
            }

            builder.CloseComponent();
        });
    }

    protected IElement? FindButton(string name) => Page.FindAll("button").FirstOrDefault(button => Text(button) == name || button.GetAttribute("aria-label") == name);

    /// <summary>Clicks a button that is there, or comes: on a busy machine the page may still be at an earlier event.</summary>
    protected void Click(string button)
    {
        Page.WaitForAssertion(() => Assert.True(FindButton(button) is not null, $"There is no button {button}."));
        FindButton(button)!.Click();
    }

    /// <summary>The input that a label names.</summary>
    protected IElement Field(string label)
    {
        Page.WaitForAssertion(() => Assert.Contains(Page.FindAll("label"), element => Text(element) == label && element.HasAttribute("for")));
        IElement found = Page.FindAll("label").First(element => Text(element) == label && element.HasAttribute("for"));
        return Page.Find("#" + found.GetAttribute("for"));
    }

    protected void Type(string label, string value) => Field(label).Input(value);

    /// <summary>The message that stands beside a field; null where it is valid.</summary>
    protected string? ErrorOf(string label)
    {
        IElement field = Field(label);
        return field.GetAttribute("aria-invalid") != "true" ? null : Text(Page.Find("#" + field.GetAttribute("aria-describedby")!.Split(' ')[0]));
    }

    protected IEnumerable<string> Headings(string level = "h1,h2,h3") => Page.FindAll(level).Select(Text);

    protected static string Text(IElement element) => element.TextContent.Trim();
}
