using RftConsole.Training;
using RftConsole.Training.Datasets.S3;
using RftConsole.Training.Gallery;
using RftConsole.Training.Jobs;
using RftConsole.Training.Models;
using RftConsole.Training.Network;
using RftConsole.Training.Starter;
using RftConsole.Web.Catalogue;
using RftConsole.Web.DataSets;
using RftConsole.Web.Inference;
using RftConsole.Web.Jobs;

namespace RftConsole.Web.Components.Wizard;

/// <summary>What the wizard's fields hold. It starts with the defaults; a name makes it a job.</summary>
public sealed class JobForm
{
    private readonly Dictionary<string, double?> _numbers = HyperparameterFields.All.ToDictionary(field => field.Name, field => field.Default);
    private string _name = "";
    private string? _customModelName;

    /// <summary>Starts from the first base model and the first sample data set.</summary>
    public JobForm()
    {
        BaseModel = BaseModels.Starter;
        SelectSampleData(SampleDataSets.All[0].Name);
    }

    public string BaseModel { get; set; }

    /// <summary>The models that can be chosen.</summary>
    public IReadOnlyList<CatalogueModel> BaseModelChoices { get; set; } = [];

    /// <summary>Tuned models that training can go on from.</summary>
    public IReadOnlyList<CustomModel> TunedChoices { get; set; } = [];

    /// <summary>The tuned model that training goes on from; null begins with the base model itself.</summary>
    public CustomModel? InitialModel { get; private set; }

    /// <summary>What the list of models shows as chosen: a base model's name, or a tuned model's <see cref="TunedChoice"/>.</summary>
    public string ModelChoice
    {
        get => InitialModel is { } tuned ? TunedChoice(tuned.Id) : BaseModel;
        set
        {
            InitialModel = TunedChoices.FirstOrDefault(model => TunedChoice(model.Id) == value);
            BaseModel = InitialModel?.BaseModel ?? value;
        }
    }

    /// <summary>The chosen base model; null where it is none of the choices.</summary>
    public CatalogueModel? ChosenModel => BaseModelChoices.FirstOrDefault(model => model.Name == BaseModel);

    public string Name
    {
        get => _name;
        set => _name = value ?? "";
    }

    /// <summary>Follows the job's name until it is written by hand; emptied, it follows again.</summary>
    public string CustomModelName
    {
        get => _customModelName ?? ProposedModelName;
        set => _customModelName = string.IsNullOrWhiteSpace(value) ? null : value;
    }

    /// <summary>The model's name as the job's name gives it; empty without one.</summary>
    public string ProposedModelName => SpecificationCheck.DefaultModelName(Name.Trim());

    /// <summary>The model's name as far as it was written by hand; empty while it follows the job's.</summary>
    public string WrittenModelName => _customModelName ?? "";

    public string Description { get; set; } = "";

    /// <summary>Keys and values in the order they were added.</summary>
    public List<TagEntry> Tags { get; } = [];

    /// <summary>Which of the two below is trained on.</summary>
    public TrainingSource Source { get; set; } = TrainingSource.Sample;

    public string SampleData { get; private set; } = "";

    /// <summary>The uploaded data set to train on.</summary>
    public UploadedDataSet? DataSet { get; set; }

    /// <summary>A file is on its way and will be <see cref="DataSet"/>.</summary>
    public bool Uploading { get; set; }

    /// <summary>The S3 prefix that copies of the artefacts go to; empty keeps them on this machine alone.</summary>
    public string OutputS3Uri { get; set; } = "";

    /// <summary>Where a job validates on rows of its own; null holds out a share of the training rows.</summary>
    public UploadedDataSet? ValidationSet { get; set; }

    /// <summary>What the job may call.</summary>
    public NetworkMode Network { get; set; }

    /// <summary>With <see cref="NetworkMode.Hosts"/>: one host with its port a line.</summary>
    public string NetworkHosts { get; set; } = "";

    /// <summary>The key that the job is encrypted with; null for none.</summary>
    public string? EncryptionKey { get; set; }

    /// <summary>Both as a job has them; null for mode off.</summary>
    public NetworkIsolation? Isolation => Network == NetworkMode.Off ? null : new()
    {
        Mode = Network,
        Hosts = Network == NetworkMode.Hosts ? NetworkHosts.Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [],
    };

    /// <summary>What grades.</summary>
    public RewardChoice Reward { get; } = new();

    /// <summary>The hyperparameters that are no numbers; its numbers are not used.</summary>
    public Hyperparameters Choices { get; set; } = new();

    /// <summary>In per cent of the training rows.</summary>
    public double? ValidationPercent { get; set; } = 10;

    /// <summary>A hyperparameter's value; null is "fitted".</summary>
    public double? this[string name]
    {
        get => _numbers[name];
        set => _numbers[name] = value;
    }

    private int ContextLength => ChosenModel?.Config?.ContextLength ?? int.MaxValue;

    /// <summary>A tuned model in the list of models; no base model's name has a colon.</summary>
    public static string TunedChoice(string modelId) => "tuned:" + modelId;

    /// <summary>The wizard's address with a tuned model chosen.</summary>
    public static string ContinueHref(string modelId) => "/jobs/create?model=" + Uri.EscapeDataString(TunedChoice(modelId));

    /// <summary>What a person reads in the list of models.</summary>
    public string ModelTitle(string choice) =>
        TunedChoices.FirstOrDefault(model => TunedChoice(model.Id) == choice) is { } tuned ? L["{0} (tuned from {1})", tuned.Name, tuned.BaseModel]
        : BaseModelChoices.FirstOrDefault(model => model.Name == choice)?.Title ?? choice;

    /// <summary>Takes a sample data set together with the reward function that fits it.</summary>
    public void SelectSampleData(string name)
    {
        SampleData = name;
        if (Reward.IsTemplate)
        {
            Reward.TakeSample(SampleTasks.Of(name));
        }
    }

    /// <summary>Takes over an earlier job's choices. Its files and a reward function that is no template are the caller's to find; its name gets a number that is free.</summary>
    /// <param name="job">The earlier job.</param>
    /// <param name="namesTaken">Names of jobs and models that exist.</param>
    public void TakeFrom(JobSpecification job, IReadOnlySet<string> namesTaken)
    {
        Name = FreeName(job.Name, namesTaken);
        Description = job.Description;
        OutputS3Uri = job.OutputData?.S3Uri ?? "";
        EncryptionKey = job.Encryption?.Key;
        Network = job.NetworkIsolation?.Mode ?? NetworkMode.Off;
        NetworkHosts = string.Join('\n', job.NetworkIsolation?.Hosts ?? []);
        Tags.Clear();
        Tags.AddRange(job.Tags.Select(tag => new TagEntry { Key = tag.Key, Value = tag.Value }));
        BaseModel = job.BaseModel;
        if (job.TrainingData.SampleData is { } sample)
        {
            SelectSampleData(sample);
        }

        Source = job.TrainingData.SampleData is null ? TrainingSource.Upload : TrainingSource.Sample;
        ValidationPercent = job.ValidationData is { Share: { } share } ? Math.Round(share * 100, 6) : ValidationPercent;
        if (job.RewardFunction is { Type: RewardFunctionSpecification.CustomCode, Template: { } template })
        {
            Reward.TakeTemplate(template);
        }

        TakeHyperparameters(job.Hyperparameters);
    }

    /// <summary>Takes hyperparameters, whole.</summary>
    public void TakeHyperparameters(Hyperparameters hyperparameters)
    {
        Choices = hyperparameters;
        foreach (NumberField field in HyperparameterFields.All)
        {
            _numbers[field.Name] = HyperparameterFields.Read(hyperparameters, field.Name);
        }
    }

    /// <summary>The hyperparameters, once <see cref="ValidateHyperparameters"/> finds nothing.</summary>
    public Hyperparameters ToHyperparameters() => HyperparameterFields.Build(Choices, _numbers);

    /// <summary>What is wrong with the hyperparameters alone.</summary>
    public IReadOnlyDictionary<string, string> ValidateHyperparameters()
    {
        Dictionary<string, string> errors = [];
        foreach (NumberField field in HyperparameterFields.All)
        {
            if (field.Check(_numbers[field.Name], ContextLength) is { } message)
            {
                errors[field.Name] = message;
            }
        }

        if (Choices.LoraTargets.Count == 0)
        {
            errors["loraTargets"] = L["Choose at least one layer."];
        }

        return errors;
    }

    /// <summary>Everything that is wrong: field name to message, in the page's order.</summary>
    public IReadOnlyDictionary<string, string> Validate()
    {
        Dictionary<string, string> errors = [];
        void Check(string field, string? message)
        {
            if (message is not null)
            {
                errors[field] = message;
            }
        }

        Check("name", CheckName("name", "Job name", Name));
        // Until there is a job name the model's follows it, and one message is enough.
        Check("customModelName", CustomModelName.Length == 0 ? null : CheckName("customModelName", "Custom model name", CustomModelName));
        Check("tags", CheckTags());
        Check("trainingData", CheckTrainingData());
        Check("rewardFunction", Reward.Check());
        Check("outputData", CheckOutputData());
        foreach ((string field, string message) in ValidateHyperparameters())
        {
            Check(field, message);
        }

        Check("validationData", CheckValidationData());
        Check("networkIsolation", Network == NetworkMode.Off || errors.ContainsKey("rewardFunction") || errors.ContainsKey("outputData") ? null : CheckNetwork());
        return errors;
    }

    /// <summary>The job, once <see cref="Validate"/> finds nothing.</summary>
    public JobSpecification ToSpecification() => new()
    {
        Name = Name.Trim(),
        CustomModelName = CustomModelName.Trim(),
        Description = Description.Trim(),
        Tags = TagEntry.ToTags(Tags),
        BaseModel = BaseModel,
        InitialAdapter = InitialModel?.AdapterFolder,
        TrainingData = Source == TrainingSource.Sample ? new() { SampleData = SampleData } : new() { File = DataSet?.File },
        ValidationData = ValidationSet is { } validation ? new() { File = validation.File } : new() { Share = ValidationPercent / 100 },
        RewardFunction = Reward.ToSpecification(),
        Hyperparameters = ToHyperparameters(),
        OutputData = string.IsNullOrWhiteSpace(OutputS3Uri) ? null : new() { S3Uri = OutputS3Uri.Trim() },
        NetworkIsolation = Isolation,
        Encryption = EncryptionKey is null ? null : new() { Key = EncryptionKey },
    };

    private static string FreeName(string name, IReadOnlySet<string> taken)
    {
        int dash = name.LastIndexOf('-');
        bool numbered = dash > 0 && int.TryParse(name[(dash + 1)..], out _);
        string stem = numbered ? name[..dash] : name;
        return Enumerable.Range(2, taken.Count + 1)
            .Select(number => $"{stem}-{number}")
            .First(candidate => !taken.Contains(candidate) && !taken.Contains(SpecificationCheck.DefaultModelName(candidate)));
    }

    private static string? CheckName(string field, string label, string value)
    {
        try
        {
            SpecificationCheck.RequireName(field, label, value.Trim());
            return null;
        }
        catch (UserInputException refused)
        {
            return FieldMessage.Of(refused).Text;
        }
    }

    private string? CheckTrainingData() => this switch
    {
        { Source: TrainingSource.Sample } => null,
        { Uploading: true } => L["The file is still being uploaded."],
        { Source: TrainingSource.InvocationLogs, DataSet: null } => L["Choose logs, look at the preview, and use its records."],
        { Source: TrainingSource.S3, DataSet: null } => L["Choose an object or folder of S3, and use its address."],
        { DataSet: null } => L["Upload a file, or choose one that was uploaded before."],
        _ => null,
    };

    private string? CheckOutputData()
    {
        try
        {
            _ = string.IsNullOrWhiteSpace(OutputS3Uri) ? null : S3Address.Parse(OutputS3Uri.Trim(), "S3 prefix");
            return null;
        }
        catch (UserInputException refused)
        {
            return refused.Message;
        }
    }

    private string? CheckNetwork()
    {
        try
        {
            SpecificationCheck.RequireNetwork(ToSpecification());
            return null;
        }
        catch (UserInputException refused)
        {
            // The list stands beside the message already.
            string text = FieldMessage.Of(refused).Text;
            int hosts = text.StartsWith("networkIsolation.hosts", StringComparison.OrdinalIgnoreCase) ? text.IndexOf(": ", StringComparison.Ordinal) + 2 : 0;
            return char.ToUpperInvariant(text[hosts]) + text[(hosts + 1)..];
        }
    }

    private string? CheckValidationData() => this switch
    {
        { ValidationSet: null } => ValidationPercent is > 0 and < 100 ? null : L["Enter a share above 0 and below 100 per cent."],
        { Source: not TrainingSource.Sample } when DataSet?.Sha256 == ValidationSet.Sha256 => L["This is the training data itself: validation on it says nothing. Choose another data set, or hold out a share."],
        _ => null,
    };

    private string? CheckTags()
    {
        if (Tags.Any(tag => tag.Key.Trim().Length == 0 && tag.Value.Trim().Length > 0))
        {
            return L["Enter a key for each tag."];
        }

        IGrouping<string, TagEntry>? twice = Tags.Where(tag => tag.Key.Trim().Length > 0).GroupBy(tag => tag.Key.Trim()).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : L["The key “{0}” stands twice.", twice.Key];
    }
}

/// <summary>Where training data comes from, of what the wizard offers.</summary>
public enum TrainingSource
{
    Sample,
    Upload,
    InvocationLogs,
    S3,
}
