using RftConsole.Training.Rewards;

namespace RftConsole.Tests.Rewards;

/// <summary>By reference answer: responses that give it, and responses that do not, among them those that a policy would find if they paid.</summary>
public sealed class MathReasoningTableTests
{
    private static readonly Dictionary<string, string[]> s_right = new()
    {
        ["7"] =
        [
            "7", "7.", "7.0", "+7", "07", "#### 7", "####7", "#### 7.00", "**7**", "ANSWER: **7**", "**ANSWER:** 7", "__Answer__: 7", "`7`", "Answer: `7`", "$7$", "\\(7\\)",
            "\\[ x = 7 \\]", "\\boxed{7}", "\\boxed{7.0}", "\\boxed 7", "$\\boxed{7}$.", "\\boxed{\\textbf{7}}", "\\boxed{7\\text{ apples}}", "\\fbox{7}", "\u0008oxed{7}",
            "<answer> 7 </answer>", "ANSWER: 7 apples", "ANSWER: $7", "ANSWER: 7 dollars", "ANSWER: €7", "ANSWER: 7€", "ANSWER: 7%", "ANSWER: 7 km/h", "ANSWER: 7km", "ANSWER: 7 m^2",
            "ANSWER: 7 m²", "ANSWER: 7°C", "ANSWER: 7th", "ANSWER: seven", "ANSWER: Seven apples", "The answer is seven.", "ANSWER: 7!", "ANSWER: exactly 7", "ANSWER: about 7",
            "ANSWER: x = 7", "ANSWER: 3 + 4 = 7", "ANSWER: 14/2", "ANSWER: 7/1", "#### 7 (3 + 4)", "The answer is 7, not 8.", "The answer is not 8 but 7.",
            "So the final answer is: 7", "The correct answer is 7", "the answer would be 7", "Final Answer: 7", "Final answer\n7", "# Answer\n\n7", "A: 7", "Therefore 7",
            "So she has 7 apples.", "In 2 weeks: 3 + 4 = 7 apples", "So she has **7 apples** in 2 bags.", "\\boxed{8}? No: \\boxed{7}", "#### 8\nCorrection:\n#### 7",
            "ANSWER: 8\n\nANSWER: 7", "7\n", "ANSWER: 7\n\nLet me know if you have 3 more questions.", "<<3+4=7>>7", "3+4=<<3+4=7>>", "答案：7", "Die Antwort ist 7.",
            "La respuesta es 7.", "Réponse : 7", "ANSWER:7", "answer=7", "ANSWER: [7]", "ANSWER: (7)", "ANSWER: {7}", "ANSWER: 7 apples and 2 bags", "The answer is 7, 3 more than 4.",
            "Step 1: 3\nStep 2: 4\n**Total: 7**", "- Total: 7", "ANSWER: 7:00",
        ],
        ["72"] =
        [
            "Answer: Natalia sold 24 clips in May, which is half of those in April.\nSo 48 + 24 = 72.",
        ],
        ["-7"] =
        [
            "#### -7", "#### −7", "#### - 7", "#### –7", "ANSWER: negative 7", "ANSWER: minus 7", "ANSWER: -$7", "ANSWER: $-7", "ANSWER: -7.0", "\\boxed{-7}", "ANSWER: -7 degrees",
            "ANSWER: x = -7",
        ],
        ["1000"] =
        [
            "#### 1,000", "#### 1 000", "#### 1'000", "#### 1_000", "#### 1.000,00", "#### 1\u202f000", "#### $1,000.00", "\\boxed{1{,}000}", "\\boxed{1,\\!000}", "\\boxed{1\\,000}",
            "ANSWER: 1e3", "ANSWER: 1.0E+3", "ANSWER: 10^3", "ANSWER: 10³", "ANSWER: 1 × 10^3", "\\boxed{1 \\times 10^{3}}", "ANSWER: one thousand", "ANSWER: a thousand",
            "ANSWER: 1k", "ANSWER: 1 thousand",
        ],
        ["1234567"] =
        [
            "#### 1,234,567", "#### 1.234.567", "#### 1 234 567", "ANSWER: 1.234567 million",
        ],
        ["2.5"] =
        [
            "#### 2 1/2", "#### 2½", "#### 5/2", "\\boxed{\\frac{5}{2}}", "\\boxed{2\\frac{1}{2}}", "\\boxed{\\dfrac52}", "\\boxed{\\tfrac{5}{2}}", "#### 2,5", "#### 2.50",
            "ANSWER: 2 and a half", "ANSWER: two and a half", "ANSWER: 2.5 hours", "ANSWER: 250%", "ANSWER: $2.50",
        ],
        ["0.5"] =
        [
            "#### .5", "#### 1/2", "#### ½", "#### 50%", "ANSWER: one half", "ANSWER: a half", "ANSWER: half", "ANSWER: 5e-1", "ANSWER: 5 × 10^-1", "ANSWER: 5 × 10⁻¹",
            "\\boxed{\\frac{1}{2}}", "\\boxed{\\frac12}", "\\boxed{50\\%}",
        ],
        ["3/4"] =
        [
            "#### 0.75", "#### 6/8", "#### 75%", "ANSWER: three quarters", "ANSWER: three fourths", "\\boxed{\\frac{3}{4}}", "\\boxed{\\frac{6}{8}}", "#### 3 / 4",
        ],
        ["21"] =
        [
            "ANSWER: twenty-one", "ANSWER: twenty one", "ANSWER: 21st",
        ],
        ["105"] =
        [
            "ANSWER: one hundred and five", "ANSWER: one hundred five", "ANSWER: a hundred and five",
        ],
        ["24"] =
        [
            "ANSWER: two dozen",
        ],
        ["1250"] =
        [
            "ANSWER: one thousand two hundred and fifty", "ANSWER: twelve hundred and fifty",
        ],
        ["3"] =
        [
            "ANSWER: third", "ANSWER: the third",
        ],
        ["50%"] =
        [
            "#### 50", "#### 0.5", "#### 50 percent", "#### 50 %", "ANSWER: 1/2", "ANSWER: 50 per cent",
        ],
        ["3:30"] =
        [
            "The answer is 3:30", "#### 3:30 pm", "ANSWER: 3:30 p.m.",
        ],
        ["3:30 pm"] =
        [
            "#### 15:30", "ANSWER: 3:30 PM", "ANSWER: 3:30 p.m.",
        ],
        ["Monday"] =
        [
            "Answer: monday", "The answer is Monday.", "ANSWER: **Monday**", "\\boxed{\\text{Monday}}", "Answer: Monday, because 3 days passed.", "It is Monday.",
        ],
        ["B"] =
        [
            "Answer: B", "Answer: (B)", "The answer is B.", "Answer: B. Paris", "\\boxed{B}", "ANSWER: b", "**Answer: B) 12**", "\\boxed{\\text{(B)}}",
        ],
        ["2\\sqrt{3}"] =
        [
            "\\boxed{2\\sqrt{3}}", "\\boxed{2 \\sqrt 3}", "\\boxed{\\sqrt{12}}", "The answer is $2\\sqrt{3}$.", "ANSWER: 2√3", "ANSWER: 2*sqrt(3)", "\\boxed{2\\cdot\\sqrt{3}}",
            "\\boxed{x = 2\\sqrt{3}}",
        ],
        ["x^2+2x+1"] =
        [
            "\\boxed{x^2 + 2x + 1}", "\\boxed{(x+1)^2}", "\\boxed{1+2x+x^2}", "\\boxed{x^{2}+2x+1}", "\\boxed{f(x)=x^2+2x+1}",
        ],
        ["(3, \\frac{\\pi}{2})"] =
        [
            "\\boxed{(3, \\pi/2)}", "\\boxed{\\left(3,\\frac{\\pi}{2}\\right)}", "\\boxed{(3,\\frac\\pi2)}",
        ],
        ["[0,1)"] =
        [
            "\\boxed{[0,1)}", "\\boxed{[0, 1)}", "\\boxed{x \\in [0,1)}", "\\boxed{\\left[0,1\\right)}",
        ],
        ["2, 3"] =
        [
            "\\boxed{2, 3}", "\\boxed{3, 2}", "\\boxed{2 \\text{ and } 3}", "\\boxed{x = 2, 3}", "\\boxed{\\{2,3\\}}", "ANSWER: 2 and 3", "\\boxed{2,3}",
        ],
        ["yes"] =
        [
            "Answer: Yes", "Answer: yes, because 3 > 2.", "**Answer:** Yes.",
        ],
        ["\\text{Evelyn}"] =
        [
            "\\boxed{\\text{Evelyn}}", "\\boxed{Evelyn}", "The answer is Evelyn.",
        ],
        ["90^\\circ"] =
        [
            "\\boxed{90^\\circ}", "\\boxed{90}", "90 degrees",
        ],
        ["6 - 5i"] =
        [
            "\\boxed{6-5i}", "\\boxed{-5i+6}",
        ],
        ["\\frac{14}{3}"] =
        [
            "\\boxed{\\dfrac{14}{3}}", "\\boxed{14/3}", "\\boxed{4\\frac{2}{3}}",
        ],
        ["p - q"] =
        [
            "\\boxed{p-q}", "\\boxed{-q+p}",
        ],
        ["\\begin{pmatrix} -1 \\\\ 6 \\end{pmatrix}"] =
        [
            "\\boxed{\\begin{pmatrix} -1 \\\\ 6 \\end{pmatrix}}",
        ],
        ["1/3"] =
        [
            "#### 1/3", "\\boxed{\\frac{1}{3} \\approx 0.33}", "x = 1/3 ≈ 0.333",
        ],
        ["x = 4"] =
        [
            "#### 4", "x = 4", "\\boxed{x=4}",
        ],
    };

    private static readonly Dictionary<string, string[]> s_wrong = new()
    {
        ["7"] =
        [
            "70", "7.5", "17", "-7", "not 7", "#### 70", "#### 7.5", "#### 17", "#### -7", "#### not 7", "The answer is not 7.", "The answer isn't 7.", "ANSWER: 7 or 8",
            "ANSWER: 7, 8, 9", "ANSWER: 7 and 8", "ANSWER: between 7 and 8", "ANSWER: 7-10", "ANSWER: 7 to 10", "ANSWER: 7–10", "#### 7/2", "#### 1/7", "#### 7^2", "#### 7²",
            "#### 7e3", "#### 7E-1", "#### 7 million", "#### 7 thousand", "#### 7k", "ANSWER: 7:30", "ANSWER: 7:30 pm", "\\boxed{7x}", "\\boxed{7+1}", "\\boxed{7 \\cdot 2}",
            "\\boxed{\\sqrt{7}}", "\\boxed{7\\sqrt{2}}", "\\boxed{7\\pi}", "\\boxed{x+7}", "\\boxed{x-7}", "\\boxed{\\frac{7}{2}}", "\\boxed{\\frac{1}{7}}", "\\boxed{7\\frac{1}{2}}",
            "\\boxed{7^{2}}", "\\boxed{\\log 7}", "#### 7½", "#### 7 1/2", "#### 7 and 1/2", "#### 7,000", "#### 7 000", "#### .7", "#### 0.7", "#### 7,5", "\\boxed{7!+1}",
            "\\boxed{77}", "#### 07.1", "#### 7.0001", "#### 6.999", "#### 7 * 10^3", "#### 7 × 10²", "ANSWER: seventy", "ANSWER: seventeen", "ANSWER: seven hundred",
            "ANSWER: minus seven", "ANSWER: negative 7", "ANSWER: less than 7", "ANSWER: more than 7", "x > 7", "\\boxed{x < 7}", "\\boxed{\\ne 7}", "\\boxed{(7, 8)}",
            "\\boxed{[7, 8]}", "\\boxed{7, 8}", "#### 8\nI first thought of 7.", "#### 7\n#### 8", "The answer is 7. No, the answer is 8.", "\\boxed{7} is wrong; \\boxed{8}",
            "ANSWER: 7\nANSWER: 8", "<answer>8</answer> instead of 7", "7 apples, so\n#### 8", "She has 7 bags of 3, so 21.", "3 + 4 = 8", "7 = 8", "7 * 3 = 21", "v7", "x7",
            "7th Street 12", "", "   ", "####", "ANSWER:", "\\boxed{}", "I cannot help with that.", "The number is even.", "one two three four five six 8", "#### 8 (not 7)",
            "The answer is 8, not 7.", "**8**", "It is not 7", "She does not have 7.", "They won't get 7", "It can never be 7", "neither 6 nor 7", "#### 7 1", "#### 7;8",
            "ANSWER: 7/8", "ANSWER: 8/7", "ANSWER: 14/3", "ANSWER: 7 : 2", "ANSWER: 7=8", "ANSWER: 7 != 8", "ANSWER: 7n", "ANSWER: 2x = 9", "1. 2. 3. 4. 5. 6. 8", "#### 7 + 0.5",
            "ANSWER: 7 - 1", "ANSWER: 7(8)", "ANSWER: twenty-seven", "ANSWER: one of 7 and 9", "ANSWER: 007.5", "ANSWER: 7,7", "ANSWER: 7.7", "ANSWER: 7..8", "ANSWER: 7i",
            "ANSWER: 7 x 3", "ANSWER: 7 times 3",
        ],
        ["72"] =
        [
            "#### 27", "#### 7 2", "#### 7", "#### 2", "#### 720", "#### 172", "#### 72.5", "#### -72", "ANSWER: 72 or 73", "ANSWER: 73 or 72",
        ],
        ["-7"] =
        [
            "7", "#### 7", "ANSWER: +7", "#### 70", "#### -70", "#### -7.5", "ANSWER: 0 - 8",
        ],
        ["0"] =
        [
            "#### 00.1", "#### 10", "", "none", "#### 1", "ANSWER: nothing", "ANSWER: zero point five",
        ],
        ["1000"] =
        [
            "#### 1", "#### 1,00", "#### 10,00", "#### 1.000.000", "#### 100", "#### 10 000", "#### 1,0000", "ANSWER: 1 million", "ANSWER: one hundred",
        ],
        ["0.5"] =
        [
            "#### 5", "#### 50", "#### 1/3", "#### 2/1", "#### 0.05", "#### 5%", "#### -1/2", "#### 0,05", "ANSWER: one third", "ANSWER: a quarter",
        ],
        ["1/3"] =
        [
            "#### 0.33", "#### 0.3333", "#### 3", "#### 1/30", "#### 3/1", "#### 1 3", "#### 1/3.5",
        ],
        ["50%"] =
        [
            "#### 5%", "#### 0.05", "#### 500%", "#### 0.5%", "#### 5",
        ],
        ["$1,234.50"] =
        [
            "#### 1234", "#### 12345", "#### 1.234", "#### 1,234", "#### $1,234.05",
        ],
        ["3:30"] =
        [
            "#### 3:45", "#### 3", "#### 330", "#### 4:30", "ANSWER: 3:30:15",
        ],
        ["3:30 pm"] =
        [
            "#### 3:30 am", "#### 13:30", "#### 2:30 pm",
        ],
        ["Monday"] =
        [
            "Answer: Tuesday", "Answer: Not Monday", "Answer: Mondays are bad", "The answer is Sunday.",
        ],
        ["B"] =
        [
            "Answer: A", "Answer: (C)", "Answer: Because", "The answer is D.", "Answer: BC",
        ],
        ["2\\sqrt{3}"] =
        [
            "\\boxed{2}", "\\boxed{3}", "\\boxed{\\sqrt{3}}", "\\boxed{2\\sqrt{2}}", "\\boxed{23}", "\\boxed{-2\\sqrt{3}}", "\\boxed{6}", "\\boxed{2+\\sqrt{3}}", "\\boxed{3.46}",
        ],
        ["x^2+2x+1"] =
        [
            "\\boxed{x^2+2x}", "\\boxed{x^2-2x+1}", "\\boxed{1}", "\\boxed{x+1}", "\\boxed{2x^2+2x+1}",
        ],
        ["(3, 4)"] =
        [
            "\\boxed{(4, 3)}", "\\boxed{3}", "\\boxed{(3, 5)}", "\\boxed{[3, 4]}", "\\boxed{(3, 4, 5)}", "\\boxed{34}",
        ],
        ["[0,1)"] =
        [
            "\\boxed{(0,1)}", "\\boxed{[0,1]}", "\\boxed{[0,2)}",
        ],
        ["2, 3"] =
        [
            "\\boxed{2}", "\\boxed{3}", "\\boxed{2, 4}", "\\boxed{2, 3, 4}", "\\boxed{23}",
        ],
        ["yes"] =
        [
            "Answer: no", "Answer: not yes", "Answer: yesterday",
        ],
        ["\\frac{3}{4}"] =
        [
            "\\boxed{\\frac{4}{3}}", "\\boxed{3}", "\\boxed{\\frac{3}{40}}", "\\boxed{34}", "#### 3 4",
        ],
        ["3/4"] =
        [
            "#### 4/3", "#### 3",
        ],
        ["7 apples"] =
        [
            "#### 70 apples", "#### 8 apples", "ANSWER: apples",
        ],
    };

    [Fact]
    public async Task Every_way_of_writing_the_answer_is_right() => Assert.Empty(await OthersAsync(s_right, 1));

    [Fact]
    public async Task No_other_value_and_no_hedge_is_right() => Assert.Empty(await OthersAsync(s_wrong, 0));

    /// <summary>The rows of the table that get another score, or an error.</summary>
    private static async Task<string[]> OthersAsync(Dictionary<string, string[]> table, double expected)
    {
        await using IRewardFunction function = await RewardFunctions.CreateAsync(new() { Template = "math-reasoning" }, ".", new(), TestContext.Current.CancellationToken);
        (string Reference, string Response)[] rows = [.. table.SelectMany(entry => entry.Value.Select(response => (entry.Key, response)))];
        Assert.InRange(rows.Length, 200, 1000);
        RewardSample[] samples = [.. rows.Select((row, index) => Grading.Sample($"t:{index}", row.Response, row.Reference))];
        IReadOnlyList<RewardResult> results = await function.ScoreAsync(samples, TestContext.Current.CancellationToken);
        return [.. results.Zip(rows).Where(pair => pair.First.Error is not null || pair.First.Score != expected).Select(pair => $"{pair.Second.Response} (for {pair.Second.Reference}): {pair.First.Error ?? "another score"}")];
    }
}
