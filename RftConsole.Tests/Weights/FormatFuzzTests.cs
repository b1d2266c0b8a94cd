using System.Diagnostics;
using System.Text;

using RftConsole.Tests.Text;
using RftConsole.Tests.Web.Fakes;
using RftConsole.Training;
using RftConsole.Training.Models;
using RftConsole.Training.Text;
using RftConsole.Training.Weights;

using TorchSharp;

namespace RftConsole.Tests.Weights;

/// <summary>
/// Ten thousand damaged files of each format, from a fixed seed: each is read, or refused in one line; none crashes, hangs, or asks for memory
/// that the file cannot fill.
/// </summary>
public sealed class FormatFuzzTests : IDisposable
{
    private const int Mutants = 10_000;
    private const int MutantsPerSlice = 100;
    private const long MostBytes = 48 << 20;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private readonly TemporaryFolder _folder = new();

    private static DecoderConfig Config { get; } = new()
    {
        VocabularySize = 32, HiddenSize = 16, IntermediateSize = 24, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, HeadSize = 8, ContextLength = 64, TiedEmbeddings = true,
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damaged_gguf_files_are_read_or_refused()
    {
        string file = Path.Combine(_folder.Path, "model.gguf");
        await FuzzAsync(SmallGguf.Build(), text: false, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            using var source = ModelSource.Open(file);
            source.ReadTokenizer().Encode("ab ba");
            source.ReadEndTokens();
            using var weights = source.OpenWeights();
            using var decoder = RftConsole.Training.Models.Decoder.Load(weights, source.Config);
        });
    }

    [Fact]
    public async Task Damaged_safetensors_files_are_read_or_refused()
    {
        string file = Path.Combine(_folder.Path, "model.safetensors");
        await TestEngine.RunAsync(() => SafetensorsWriter.Write(file, new Dictionary<string, torch.Tensor> { ["a"] = torch.ones(4, 8), ["b"] = torch.ones(3), ["c"] = torch.ones(2, 2, 2) }));
        byte[] original = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        await FuzzAsync(original, text: false, Read);
        await FuzzAsync(original, text: true, Read);

        void Read(byte[] bytes)
        {
            File.WriteAllBytes(file, bytes);
            using var opened = SafetensorsFile.Open(file);
            foreach (string name in opened.Entries.Keys)
            {
                opened.Read(name).Dispose();
            }
        }
    }

    [Fact]
    public async Task Damaged_configurations_are_read_or_refused()
    {
        string file = Path.Combine(_folder.Path, "config.json");
        byte[] original = await File.ReadAllBytesAsync(Path.Combine(Goldens.ModelOf("tiny-llama3-rope"), "config.json"), TestContext.Current.CancellationToken);
        await FuzzAsync(original, text: true, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            using var source = ModelSource.Open(_folder.Path);
            source.ReadEndTokens();
        });
    }

    [Fact]
    public async Task Damaged_tokenizers_are_read_or_refused()
    {
        var small = new SmallTokenizer("a b", "ab c", "Ġ t", "Ġt he", "h e")
            .With("normalizer", """{"type":"NFC"}""")
            .With("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[300],"tokens":["<s>"]}}}""")
            .Added(300, "<s>", """{"special":true,"lstrip":true}""");
        byte[] digits = Encoding.UTF8.GetBytes(small.PreTokenizer(SmallTokenizer.Node("""{"type":"Digits","individual_digits":true}"""), SmallTokenizer.Node("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""")).Json());
        byte[] pattern = Encoding.UTF8.GetBytes(small.PreTokenizer(SmallTokenizer.Node("""{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}|\\s+(?!\\S)"},"behavior":"Isolated","invert":false}"""), SmallTokenizer.ByteLevelWithoutWords).Json());
        int count = 0;

        // A pattern is compiled, which takes milliseconds: one in forty has one.
        await FuzzAsync(() => count++ % 40 == 0 ? pattern : digits, text: true, bytes => Tokenizer.Parse(bytes, "tokenizer.json").Encode("<s>the abc 12 né\n", addSpecialTokens: true));
    }

    [Fact]
    public async Task Damaged_adapter_configurations_are_read_or_refused()
    {
        string file = Path.Combine(_folder.Path, PeftAdapter.ConfigFile);
        await FuzzAsync(
            Encoding.UTF8.GetBytes("""{"peft_type":"LORA","r":4,"lora_alpha":8,"target_modules":["q_proj","layers.1.mlp.up_proj"],"exclude_modules":null,"bias":"none","rank_pattern":{"q_proj":2,".*up_proj":3},"alpha_pattern":{"^model.layers.0.*":1.5},"layers_to_transform":[0,1],"use_rslora":true,"use_dora":false,"init_lora_weights":true}"""),
            text: true,
            bytes =>
            {
                File.WriteAllBytes(file, bytes);
                PeftConfiguration.Load(file).Modules(Config);
            });
    }

    private static Task FuzzAsync(byte[] original, bool text, Action<byte[]> read) => FuzzAsync(() => original, text, read);

    private static async Task FuzzAsync(Func<byte[]> original, bool text, Action<byte[]> read)
    {
        var random = new Random(20261123);
        int refused = 0;
        await TestEngine.RunAsync(() => read(original()));
        for (int done = 0; done < Mutants; done += MutantsPerSlice)
        {
            await TestEngine.RunAsync(() =>
            {
                for (int i = 0; i < MutantsPerSlice; i++)
                {
                    refused += Refused(Mutation.Of(original(), random, text), read, done + i) ? 1 : 0;
                }
            });
        }

        Assert.InRange(refused, Mutants / 5, Mutants - 1);
    }

    private static bool Refused(byte[] mutant, Action<byte[]> read, int number)
    {
        long begin = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool refused = false;
        try
        {
            read(mutant);
        }
        catch (UserInputException e)
        {
            refused = true;
            Assert.True(e is not WeightFormatException || !e.Message.Contains('\n', StringComparison.Ordinal), $"mutant {number}: more than one line: {e.Message}");
        }
        catch (Exception e)
        {
            Assert.Fail($"mutant {number}: {e}");
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - allocated < MostBytes, $"mutant {number} took {(GC.GetAllocatedBytesForCurrentThread() - allocated) >> 20} MB");
        Assert.True(Stopwatch.GetElapsedTime(begin) < s_longest, $"mutant {number} took {Stopwatch.GetElapsedTime(begin)}");
        return refused;
    }
}
