using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace RftConsole.Web.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Unjudged : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<double>(
                name: "Reward",
                table: "Rollouts",
                type: "REAL",
                nullable: true,
                oldClrType: typeof(double),
                oldType: "REAL");

            migrationBuilder.AddColumn<string>(
                name: "Unjudged",
                table: "Rollouts",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Unjudged",
                table: "Rollouts");

            migrationBuilder.AlterColumn<double>(
                name: "Reward",
                table: "Rollouts",
                type: "REAL",
                nullable: false,
                defaultValue: 0.0,
                oldClrType: typeof(double),
                oldType: "REAL",
                oldNullable: true);
        }
    }
}
