using RftConsole.Training.Starter.Arithmetic;
using RftConsole.Training.Starter.Contacts;
using RftConsole.Training.Starter.Diagnosis;
using RftConsole.Training.Starter.Dialogs;
using RftConsole.Training.Starter.Instructions;
using RftConsole.Training.Starter.Judging;
using RftConsole.Training.Starter.Lists;
using RftConsole.Training.Starter.Passages;
using RftConsole.Training.Starter.SmallTalk;
using RftConsole.Training.Text;

namespace RftConsole.Training.Starter;

/// <summary>The endless text that the starter model is pretrained on: document number i is a pure function of (seed, i).</summary>
public sealed class StarterCorpus
{
    /// <summary>Documents in which an earlier question and its answer come first.</summary>
    private const double SecondTurnShare = 0.04;

    /// <summary>Documents with a system prompt.</summary>
    private const double SystemPromptShare = 0.04;

    private const double SmallTalkWeight = 0.03;

    private const double JudgementWeight = 0.32;

    private static readonly string[] s_systemPrompts = ["You are a helpful assistant.", "Be brief.", "Answer in plain English.", "You are a careful assistant. Think first."];

    private readonly ulong _seed;
    private readonly StyleMix _styles;
    private readonly double[] _weights = [.. Families.Select(family => family.Weight), SmallTalkWeight, JudgementWeight];

    /// <param name="seed">Another seed is another corpus of the same kind.</param>
    /// <param name="styles">Shares of the answer styles; <see cref="StyleMix.Web"/> where null.</param>
    public StarterCorpus(ulong seed, StyleMix? styles = null)
    {
        _seed = seed;
        _styles = styles ?? StyleMix.Web;
    }

    /// <summary>All families of tasks.</summary>
    public static IReadOnlyList<ITaskFamily> Families { get; } =
        [new ArithmeticFamily(), new ContactFamily(), new ListFamily(), new InstructionFamily(), new DialogFamily(), new DiagnosisFamily(), new PassageFamily()];

    /// <summary>The document at <paramref name="index"/> (from 0, without end).</summary>
    public StarterDocument At(long index)
    {
        Draw draw = new(_seed, "document", index);
        int source = draw.PickWeighted(_weights);
        if (source > Families.Count)
        {
            return Judgements.Document(_seed, index);
        }

        StarterDocument document = Answer(source, index, draw);
        if (draw.Chance(SecondTurnShare))
        {
            StarterDocument before = Answer(draw.PickWeighted(_weights[..^1]), index, draw);
            return document with { Prompt = [.. before.Prompt, new ChatMessage("assistant", before.Response), .. document.Prompt] };
        }

        return draw.Chance(SystemPromptShare) ? document with { Prompt = [new ChatMessage("system", draw.Pick(s_systemPrompts)), .. document.Prompt] } : document;
    }

    private StarterDocument Answer(int source, long index, Draw draw) => source == Families.Count ? SmallTalkTurns.Document(draw) : Families[source].Document(_seed, index, _styles);
}
